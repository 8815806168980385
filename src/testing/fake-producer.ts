import {
  checkMessage,
  type LocalTransaction,
  type LocalTransactionState,
  type MessageQueue,
  type OutgoingMessage,
  type Producer,
  type ProducerConfig,
  type ReceivedMessage,
  selectQueueByHash,
  type SendCallback,
  type SendOptions,
  type SendResult,
  type SendStatus,
  type TransactionSendOptions,
  type TransactionSendResult,
} from '../../libs/client/src/index.js';
import { messageOf, RocketMQError } from '../../libs/common/src/index.js';

/** As many as a first send makes. */
const queueCount = 4;
const fakeBroker = 'fake';

/** What a request is answered with. */
export type ReplyBody = (request: OutgoingMessage) => Promise<Buffer | string>;

/** Takes messages as a producer does, checks them as a producer does, and sends them nowhere. */
export class FakeProducer implements Pick<
  Producer,
  'send' | 'sendAsync' | 'sendOneWay' | 'sendMessageInTransaction' | 'request' | 'producerGroup' | 'lastSent' | 'flush'
> {
  readonly lastSent = undefined;
  /** By topic. */
  readonly replies = new Map<string, ReplyBody>();
  readonly #failures: unknown[] = [];
  readonly #statuses: SendStatus[] = [];
  #count = 0;

  constructor(
    readonly producerGroup: string,
    private readonly config: ProducerConfig,
  ) {}

  /** The next `times` sends reject with `error`. */
  failNext(error: unknown, times: number): void {
    for (let i = 0; i < times; i++) this.#failures.push(error);
  }

  /** The next send is answered like this in place of SEND_OK. */
  answerNext(status: SendStatus): void {
    this.#statuses.push(status);
  }

  async send(message: OutgoingMessage | readonly OutgoingMessage[], options: SendOptions = {}): Promise<SendResult> {
    options.signal?.throwIfAborted();
    checkMessage(message, this.config);
    if (this.#failures.length > 0) throw this.#failures.shift();
    const messages = Array.isArray(message) ? (message as readonly OutgoingMessage[]) : [message as OutgoingMessage];
    const ids = messages.map(() => this.#nextId());
    return {
      sendStatus: this.#statuses.shift() ?? 'SEND_OK',
      msgId: ids.join(','),
      offsetMsgId: ids.join(','),
      messageQueue: this.#queueFor(messages[0] as OutgoingMessage, options),
      queueOffset: this.#count,
      transactionId: undefined,
      regionId: 'DefaultRegion',
      traceOn: false,
      recallHandle: undefined,
      delayed: undefined,
    };
  }

  sendAsync(
    message: OutgoingMessage | readonly OutgoingMessage[],
    callback: SendCallback,
    options?: SendOptions,
  ): void {
    this.send(message, options).then(
      (result) => callback.onSuccess(result),
      (error: unknown) => callback.onException(error),
    );
  }

  async sendOneWay(message: OutgoingMessage, options?: SendOptions): Promise<void> {
    await this.send(message, options);
  }

  async sendMessageInTransaction(
    message: OutgoingMessage,
    localTransaction?: LocalTransaction,
    options: TransactionSendOptions = {},
  ): Promise<TransactionSendResult> {
    const local = localTransaction ?? this.config.transactionListener?.executeLocalTransaction;
    if (local === undefined) {
      throw new RocketMQError(
        'ARGUMENT_INVALID',
        'there is no local transaction: give a function, or the producer a transactionListener',
      );
    }
    const sent = await this.send(message, options);
    const result = { ...sent, transactionId: sent.msgId };
    // Not stored safely: Java's producers roll back without running it.
    if (sent.sendStatus !== 'SEND_OK') return { ...result, localTransactionState: 'ROLLBACK', localError: undefined };
    let localTransactionState: LocalTransactionState = 'UNKNOWN';
    let localError: unknown;
    try {
      localTransactionState = await local(message, sent.msgId, options.arg);
    } catch (error) {
      localError = error;
    }
    return { ...result, localTransactionState, localError };
  }

  async request(message: OutgoingMessage, options?: SendOptions): Promise<ReceivedMessage> {
    const { msgId, messageQueue } = await this.send(message, options);
    const reply = this.replies.get(message.topic);
    if (reply === undefined) {
      throw new RocketMQError(
        'TIMEOUT',
        `Nobody replies to requests to '${message.topic}': tell the FakeRocketMQTemplate by replyTo('${message.topic}', ...)`,
      );
    }
    return received(Buffer.from(await this.#replyBody(reply, message)), msgId, messageQueue);
  }

  async flush(): Promise<void> {}

  async #replyBody(reply: ReplyBody, message: OutgoingMessage): Promise<Buffer | string> {
    try {
      return await reply(message);
    } catch (error) {
      throw new RocketMQError('TIMEOUT', `Who replies to '${message.topic}' threw: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  #queueFor(message: OutgoingMessage, { queue, hashKey, selector }: SendOptions): MessageQueue {
    if (queue !== undefined) return queue;
    const queues = Array.from({ length: queueCount }, (_, queueId) => ({
      topic: message.topic,
      brokerName: fakeBroker,
      queueId,
    }));
    if (selector !== undefined) return selector(queues, message);
    if (hashKey !== undefined) return selectQueueByHash(hashKey)(queues, message);
    return queues[this.#count % queueCount] as MessageQueue;
  }

  #nextId(): string {
    this.#count++;
    return this.#count.toString(16).toUpperCase().padStart(32, '0');
  }
}

function received(body: Buffer, msgId: string, { brokerName, queueId }: MessageQueue): ReceivedMessage {
  return {
    topic: 'fake_REPLY_TOPIC',
    body,
    tags: undefined,
    keys: [],
    properties: new Map(),
    msgId,
    offsetMsgId: msgId,
    brokerName,
    queueId,
    queueOffset: 0,
    physicalOffset: 0,
    flag: 0,
    sysFlag: 0,
    bornTimestamp: 0,
    bornHost: '127.0.0.1:0',
    storeTimestamp: 0,
    storeHost: '127.0.0.1:0',
    reconsumeTimes: 0,
    bodyCrc: 0,
    storeSize: body.length,
  };
}
