import type {
  LocalTransaction,
  MessageQueue,
  OutgoingMessage,
  Producer,
  ReceivedMessage,
  ReplyMessage,
  RequestCallback,
  SendCallback,
  SendOptions,
  SendResult,
  TransactionSendOptions,
  TransactionSendResult,
} from '../../libs/client/src/index.js';
import { messageOf, RocketMQError } from '../../libs/common/src/index.js';
import type { RocketMQConnection } from './rocketmq-connection.js';

type DelayedOptions = Parameters<Producer['cancelDelayed']>[1];
type OneWayOptions = Parameters<Producer['sendOneWay']>[1];

/**
 * The producer of the template, for what the template does not offer; neither codecs nor send interceptors stand before it.
 * Nest injects before anything is connected, and a connection that is tried again has another producer each time: so
 * this is a name for the producer of the moment. Each call goes to it, connects first with `onConnectFailure: 'lazy'`,
 * and before the start and after the end rejects with a sentence that says so.
 */
export class ConnectedProducer implements Producer {
  constructor(private readonly connection: RocketMQConnection) {}

  get producerGroup(): string {
    return this.connection.producerGroup;
  }

  /** Undefined while nothing is connected, too. */
  get lastSent(): Producer['lastSent'] {
    return this.connection.producer?.lastSent;
  }

  send(message: OutgoingMessage | readonly OutgoingMessage[], options?: SendOptions): Promise<SendResult> {
    return this.#with((producer) => producer.send(message, options));
  }

  sendAsync(
    message: OutgoingMessage | readonly OutgoingMessage[],
    callback: SendCallback,
    options?: SendOptions,
  ): void {
    this.#callBack(callback, (producer) => producer.sendAsync(message, callback, options));
  }

  sendOneWay(message: OutgoingMessage, options?: OneWayOptions): Promise<void> {
    return this.#with((producer) => producer.sendOneWay(message, options));
  }

  cancelDelayed(delayed: Parameters<Producer['cancelDelayed']>[0], options?: DelayedOptions): Promise<SendResult> {
    return this.#with((producer) => producer.cancelDelayed(delayed, options));
  }

  recall(topic: string, recallHandle: string): Promise<string> {
    return this.#with((producer) => producer.recall(topic, recallHandle));
  }

  sendMessageInTransaction(
    message: OutgoingMessage,
    localTransaction?: LocalTransaction,
    options?: TransactionSendOptions,
  ): Promise<TransactionSendResult> {
    return this.#with((producer) => producer.sendMessageInTransaction(message, localTransaction, options));
  }

  request(message: OutgoingMessage, options?: SendOptions): Promise<ReceivedMessage> {
    return this.#with((producer) => producer.request(message, options));
  }

  requestAsync(message: OutgoingMessage, callback: RequestCallback, options?: SendOptions): void {
    this.#callBack(callback, (producer) => producer.requestAsync(message, callback, options));
  }

  reply(request: ReceivedMessage, reply: ReplyMessage, options?: SendOptions): Promise<SendResult> {
    return this.#with((producer) => producer.reply(request, reply, options));
  }

  fetchPublishMessageQueues(topic: string): Promise<MessageQueue[]> {
    return this.#with((producer) => producer.fetchPublishMessageQueues(topic));
  }

  /** Nothing is under way while nothing is connected. */
  async flush(): Promise<void> {
    await this.connection.producer?.flush();
  }

  /** The application starts it; resolves when it is there. */
  async start(): Promise<void> {
    await this.#producer();
  }

  /** The template sends with it, too, so it ends with the application alone. */
  close(): Promise<void> {
    return Promise.reject(
      new RocketMQError('UNSUPPORTED', 'RocketMQProducer: it is the application that closes it, with app.close().'),
    );
  }

  /** A stop waits for it. */
  #with<R>(call: (producer: Producer) => Promise<R>): Promise<R> {
    return this.connection.pending.track(this.#producer().then(call));
  }

  #callBack(callback: Pick<SendCallback, 'onException'>, call: (producer: Producer) => void): void {
    this.#producer()
      .then(call, (error: unknown) => callback.onException(error))
      .catch((error: unknown) => this.connection.log.error(`A callback threw: ${messageOf(error)}`));
  }

  async #producer(): Promise<Producer> {
    const { producer } = await this.connection.session('RocketMQProducer');
    return producer;
  }
}
