import { splitBatch, type OutgoingMessage, type SendCallback, type SendResult } from '../../libs/client/src/index.js';
import { messageOf, RocketMQError } from '../../libs/common/src/index.js';
import type { RocketMQConnection } from '../connection/rocketmq-connection.js';
import { RocketMQOptionsError } from '../options/validate.js';
import { parseDestination } from './destination.js';
import { encodePayload } from './payload-encoding.js';
import { callOptions, checkSendOptions, type RocketMQSendOptions } from './send-options.js';

const defaultMaxMessageSize = 4 * 1024 * 1024;
const noOptions: RocketMQSendOptions = {};

/**
 * Sends messages. A destination is 'topic' or 'topic:tag'; a payload is a text, bytes, or anything JSON can hold.
 *
 * Calls reject with RocketMQError; its `code` is stable, `retryable` says whether the same call may succeed later.
 */
export class RocketMQTemplate {
  readonly #connection: RocketMQConnection;

  constructor(connection: RocketMQConnection) {
    this.#connection = connection;
  }

  /**
   * Sends an array as batches, cut where one would exceed the producer's maxMessageSize: one result per batch. To send
   * an array as one message, put it into an object.
   */
  send(destination: string, payload: readonly unknown[], options?: RocketMQSendOptions): Promise<SendResult[]>;
  /** Resolves when the broker has answered; look at `sendStatus` for flush and replication timeouts. */
  send(destination: string, payload: unknown, options?: RocketMQSendOptions): Promise<SendResult>;
  send(
    destination: string,
    payload: unknown,
    options: RocketMQSendOptions = noOptions,
  ): Promise<SendResult | SendResult[]> {
    const { producer } = this.#connection;
    if (producer === undefined || Array.isArray(payload)) return this.#sendInSteps(destination, payload, options);
    // HOT PATH: no promise but the producer's, and nothing copied but the options that are set. Benchmark: template.
    try {
      checkSendOptions(options);
      return producer.send(outgoing(destination, payload, options), callOptions(options));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #sendInSteps(
    destination: string,
    payload: unknown,
    options: RocketMQSendOptions,
  ): Promise<SendResult | SendResult[]> {
    checkSendOptions(options);
    if (Array.isArray(payload)) return this.#connection.pending.track(this.#sendBatch(destination, payload, options));
    const message = outgoing(destination, payload, options);
    const { producer } = await this.#connection.session();
    return this.#connection.pending.track(producer.send(message, callOptions(options)));
  }

  /** {@link send} under the name users of other starters know. */
  syncSend(destination: string, payload: readonly unknown[], options?: RocketMQSendOptions): Promise<SendResult[]>;
  syncSend(destination: string, payload: unknown, options?: RocketMQSendOptions): Promise<SendResult>;
  syncSend(destination: string, payload: unknown, options?: RocketMQSendOptions): Promise<SendResult | SendResult[]> {
    return this.send(destination, payload, options);
  }

  /** {@link send} with the queue chosen by `hashKey`: messages of one key arrive in the order they were sent. */
  syncSendOrderly(
    destination: string,
    payload: unknown,
    hashKey: string,
    options: Omit<RocketMQSendOptions, 'hashKey'> = {},
  ): Promise<SendResult> {
    if (typeof hashKey !== 'string' || hashKey === '') {
      return Promise.reject(new RocketMQOptionsError('syncSendOrderly: hashKey must be a text that is not empty'));
    }
    return this.send(destination, payload, { ...options, hashKey });
  }

  /** Returns at once; every failure, a wrong argument included, goes to `callback.onException`. */
  asyncSend(destination: string, payload: unknown, callback: SendCallback, options: RocketMQSendOptions = {}): void {
    const { pending } = this.#connection;
    pending.begin();
    const tracked: SendCallback = {
      onSuccess: (result) => {
        pending.end();
        callback.onSuccess(result);
      },
      onException: (error) => {
        pending.end();
        callback.onException(error);
      },
    };
    this.#sendAsync(destination, payload, tracked, options).catch((error: unknown) => tracked.onException(error));
  }

  async #sendAsync(
    destination: string,
    payload: unknown,
    callback: SendCallback,
    options: RocketMQSendOptions,
  ): Promise<void> {
    checkSendOptions(options);
    const message = Array.isArray(payload)
      ? this.#oneBatch(destination, payload, options)
      : outgoing(destination, payload, options);
    const { producer } = await this.#connection.session();
    producer.sendAsync(message, callback, callOptions(options));
  }

  /**
   * Sends without an answer: resolves when the bytes were handed to the socket, and cannot tell whether they arrived.
   * A batch is not sent one way.
   */
  async sendOneWay(
    destination: string,
    payload: unknown,
    options: Omit<RocketMQSendOptions, 'timeout'> = {},
  ): Promise<void> {
    checkSendOptions(options);
    if ('timeout' in options) {
      throw new RocketMQOptionsError(
        'options.timeout cannot be combined with sendOneWay: there is no answer to wait for',
      );
    }
    if (Array.isArray(payload)) {
      throw new RocketMQOptionsError(
        'A batch cannot be combined with sendOneWay; use send, or send the messages one by one',
      );
    }
    const message = outgoing(destination, payload, options);
    const { producer } = await this.#connection.session();
    await this.#connection.pending.track(producer.sendOneWay(message, callOptions(options)));
  }

  async #sendBatch(
    destination: string,
    payloads: readonly unknown[],
    options: RocketMQSendOptions,
  ): Promise<SendResult[]> {
    const chunks = this.#chunks(destination, payloads, options);
    const { producer } = await this.#connection.session();
    const results: SendResult[] = [];
    let sent = 0;
    for (const chunk of chunks) {
      try {
        results.push(await producer.send(chunk, callOptions(options)));
      } catch (error) {
        if (chunks.length === 1) throw error;
        throw partlySent(sent, payloads.length, error);
      }
      sent += chunk.length;
    }
    return results;
  }

  #oneBatch(destination: string, payloads: readonly unknown[], options: RocketMQSendOptions): OutgoingMessage[] {
    const [only, ...more] = this.#chunks(destination, payloads, options);
    if (!only || more.length > 0) {
      throw new RocketMQOptionsError(
        `asyncSend: the batch needs ${more.length + 1} requests (maxMessageSize ${this.#maxMessageSize} bytes) and a callback is called once; use send`,
      );
    }
    return only;
  }

  #chunks(destination: string, payloads: readonly unknown[], options: RocketMQSendOptions): OutgoingMessage[][] {
    if (payloads.length === 0) throw new RocketMQOptionsError('payload is an empty array: a batch needs a message');
    const messages = payloads.map((payload, index) => {
      try {
        return outgoing(destination, payload, options);
      } catch (error) {
        throw new RocketMQError('ARGUMENT_INVALID', `payload[${index}]: ${messageOf(error)}`, { cause: error });
      }
    });
    return splitBatch(messages, this.#maxMessageSize);
  }

  get #maxMessageSize(): number {
    return this.#connection.options?.producer?.maxMessageSize ?? defaultMaxMessageSize;
  }
}

function outgoing(destination: string, payload: unknown, options: RocketMQSendOptions): OutgoingMessage {
  const { topic, tags } = parseDestination(destination);
  const { keys, properties, flag, waitStoreMsgOK } = options;
  return { topic, body: encodePayload(payload), tags, keys, properties, flag, waitStoreMsgOK };
}

/** A batch in several requests can fail in the middle: the caller has to know what need not be sent again. */
function partlySent(sent: number, total: number, cause: unknown): RocketMQError {
  const text = `Batch of ${total} messages: the first ${sent} were sent, the request after them failed: ${messageOf(cause)}`;
  const code = cause instanceof RocketMQError ? cause.code : 'REQUEST_REFUSED';
  return new RocketMQError(code, text, { cause, retryable: false });
}
