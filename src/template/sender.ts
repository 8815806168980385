import type {
  OutgoingMessage,
  Producer,
  ReceivedMessage,
  SendOptions,
  SendResult,
  TransactionSendResult,
} from '../../libs/client/src/index.js';
import type { RocketMQConnection } from '../connection/rocketmq-connection.js';
import { payloadDecoder } from '../listener/payload-decoding.js';
import { RocketMQOptionsError } from '../options/validate.js';
import { asLocalTransaction } from './local-transaction.js';
import { outgoing, outgoingBatches } from './outgoing.js';
import { isErrorReply, RocketMQReplyError } from './reply-error.js';
import { notStoredSafely, partlySent, transactionFailed } from './send-error.js';
import { intercepted, type SendCall } from './send-interceptor.js';
import { type AnySendOptions, callOptions, checkSendOptions } from './send-options.js';

const defaultMaxMessageSize = 4 * 1024 * 1024;

type SendOne = (message: OutgoingMessage | readonly OutgoingMessage[], options: SendOptions) => Promise<SendResult>;

/** Takes a send of any kind through its checks and interceptors to the producer. */
export class Sender {
  constructor(private readonly connection: RocketMQConnection) {}

  /** `oneRequest`: a batch that needs several is refused, for there is one result only. */
  async run(call: Omit<SendCall, 'connection'>, oneRequest = false): Promise<unknown> {
    const { pending, interceptors, name: connection } = this.connection;
    checkSendOptions(call.options, call.kind, Array.isArray(call.payload));
    const named = { ...call, connection };
    return pending.track(intercepted(interceptors, named, (final) => this.#perform(final, oneRequest)));
  }

  async #perform(call: SendCall, oneRequest: boolean): Promise<unknown> {
    const { kind, destination, payload, options } = call;
    const isBatch = Array.isArray(payload);
    // Again: an interceptor may have changed them.
    checkSendOptions(options, kind, isBatch);
    if (isBatch) return this.#sendBatch(call, payload, oneRequest);
    const message = outgoing(destination, payload, options, this.connection.codecs);
    const { producer } = await this.connection.session();
    switch (kind) {
      case 'oneWay':
        return producer.sendOneWay(message, callOptions(options));
      case 'transaction':
        return this.#sendInTransaction(this.#producerOf(options, producer), message, options);
      case 'request':
        return this.#decodeReply(await producer.request(message, callOptions(options)), options);
      default:
        return this.#checked(await sendOf(producer, kind)(message, callOptions(options)), options);
    }
  }

  async #sendInTransaction(
    producer: Producer,
    message: OutgoingMessage,
    options: AnySendOptions,
  ): Promise<TransactionSendResult> {
    const { transaction, transactionArg: arg, checkImmunityTimeInSeconds } = options;
    if (transaction !== undefined && typeof transaction !== 'function') {
      throw new RocketMQOptionsError(`options.transaction must be a function; it is a ${typeof transaction}`);
    }
    const local = transaction && asLocalTransaction(transaction);
    const call = { ...callOptions(options), arg, checkImmunityTimeInSeconds };
    const result = await producer.sendMessageInTransaction(message, local, call);
    if (result.localError !== undefined) throw transactionFailed(result);
    return this.#checked(result, options);
  }

  #producerOf({ producerGroup }: AnySendOptions, own: Producer): Producer {
    if (producerGroup === undefined) return own;
    const producer = this.connection.producerOf(producerGroup);
    if (producer !== undefined) return producer;
    throw new RocketMQOptionsError(
      `options.producerGroup '${producerGroup}' has no @RocketMQTransactionListener in this application`,
    );
  }

  #decodeReply(reply: ReceivedMessage, { replyType }: AnySendOptions): unknown {
    const { codecs } = this.connection;
    if (isErrorReply(reply)) throw new RocketMQReplyError(payloadDecoder(undefined, codecs)(reply));
    return payloadDecoder(replyType, codecs)(reply);
  }

  async #sendBatch(call: SendCall, payloads: readonly unknown[], oneRequest: boolean): Promise<unknown> {
    const { kind, destination, options } = call;
    const limit = this.connection.options?.producer?.maxMessageSize ?? defaultMaxMessageSize;
    const chunks = outgoingBatches(destination, payloads, options, this.connection.codecs, limit);
    if (oneRequest && chunks.length > 1) {
      throw new RocketMQOptionsError(
        `asyncSend: the batch needs ${chunks.length} requests (maxMessageSize ${limit} bytes) and a callback is called once; leave it out, or use send`,
      );
    }
    const send = sendOf((await this.connection.session()).producer, kind);
    const results: SendResult[] = [];
    let sent = 0;
    for (const chunk of chunks) {
      const result = await send(chunk, callOptions(options)).catch((error: unknown) => {
        throw results.length === 0 ? error : partlySent(results, sent, payloads.length, error);
      });
      sent += chunk.length;
      if (this.#isRefused(result, options)) throw notStoredSafely(result, results, sent);
      results.push(result);
    }
    return oneRequest ? results[0] : results;
  }

  #checked<R extends SendResult>(result: R, options: AnySendOptions): R {
    if (this.#isRefused(result, options)) throw notStoredSafely(result);
    return result;
  }

  #isRefused({ sendStatus }: SendResult, options: AnySendOptions): boolean {
    if (sendStatus === 'SEND_OK') return false;
    return options.requireStoreOk ?? this.connection.options?.template?.requireStoreOk ?? false;
  }
}

function sendOf(producer: Producer, kind: SendCall['kind']): SendOne {
  if (kind !== 'async') return (message, options) => producer.send(message, options);
  return (message, options) =>
    new Promise((onSuccess, onException) => producer.sendAsync(message, { onSuccess, onException }, options));
}
