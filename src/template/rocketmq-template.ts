import type { SendCallback, SendResult, TransactionSendResult } from '../../libs/client/src/index.js';
import { messageOf } from '../../libs/common/src/index.js';
import type { RocketMQConnection } from '../connection/rocketmq-connection.js';
import { RocketMQOptionsError, validateOptions } from '../options/validate.js';
import type { RocketMQDelivery } from './delivery.js';
import { ObservableTemplate } from './observable-template.js';
import { outgoing } from './outgoing.js';
import { ReceiveOptions } from './receive-options.js';
import { Receiver } from './receiver.js';
import {
  type AnySendOptions,
  callOptions,
  checkSendOptions,
  kindOf,
  type OneWaySendOptions,
  type RequestOptions,
  type RocketMQSendOptions,
  type TransactionOptions,
} from './send-options.js';
import { Sender } from './sender.js';

/** Of a send that brings its local transaction. */
export type TransactionSendOptions = TransactionOptions & Required<Pick<TransactionOptions, 'transaction'>>;
/** In place of options: the budget over all attempts, milliseconds, as Spring's template takes it. */
export type OptionsOrTimeout = RocketMQSendOptions | number;

const noOptions: AnySendOptions = {};

/**
 * Sends messages. A destination is 'topic' or 'topic:tag'; a payload is a text, bytes, anything JSON can hold, or what a
 * codec takes. `send` does it all; the other methods are what rocketmq-spring calls its parts.
 *
 * Calls reject with RocketMQError; its `code` is stable, `retryable` says whether the same call may succeed later. What a
 * broker refused is a ResponseError with its `responseCode`; of what is stored nevertheless RocketMQSendError tells. Wrong
 * and contradictory options reject with RocketMQOptionsError before anything is sent.
 */
export class RocketMQTemplate {
  readonly #connection: RocketMQConnection;
  readonly #sender: Sender;
  /** By consumer group. */
  readonly #receivers = new Map<string, Receiver>();
  /** The same as Observables. */
  readonly rx: ObservableTemplate;

  constructor(connection: RocketMQConnection) {
    this.#connection = connection;
    this.#sender = new Sender(connection);
    this.rx = new ObservableTemplate(this);
  }

  /**
   * Sends a message that nobody can read, runs `options.transaction`, and tells the broker what it came to. Rejects with
   * RocketMQSendError TRANSACTION_FAILED, `cause` what it threw, when it did.
   */
  // First, or TypeScript takes what an async function returns for any text.
  send<T>(destination: string, payload: T, options: TransactionSendOptions): Promise<TransactionSendResult>;
  /** Resolves when the bytes were handed to the socket, and cannot tell whether they arrived. */
  send<T>(destination: string, payload: T, options: OneWaySendOptions): Promise<void>;
  /**
   * Sends an array as batches, cut where one would exceed the producer's maxMessageSize: one result per batch. When one
   * fails, RocketMQSendError has the results of those before. A BatchItem is a payload with keys and properties of its
   * own. To send an array as one message, wrap it in OneMessage.
   */
  send<T>(destination: string, payload: readonly T[], options?: RocketMQSendOptions): Promise<SendResult[]>;
  /** Resolves when the broker has answered; look at `sendStatus` for flush and replication timeouts, or set requireStoreOk. */
  send<T>(destination: string, payload: T, options?: RocketMQSendOptions): Promise<SendResult>;
  send(destination: string, payload: unknown, options: AnySendOptions = noOptions): Promise<unknown> {
    const { producer, interceptors, codecs } = this.#connection;
    const isPlain = producer !== undefined && interceptors.length === 0 && !Array.isArray(payload);
    if (!isPlain || this.#asksForMore(options)) {
      return this.#sender.run({ kind: kindOf(options ?? noOptions), destination, payload, options });
    }
    // HOT PATH: no promise but the producer's, and nothing copied but the options that are set. Benchmark: template.
    try {
      if (options === noOptions) return producer.send(outgoing(destination, payload, options, codecs));
      checkSendOptions(options, 'send', false);
      return producer.send(outgoing(destination, payload, options, codecs), callOptions(options));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** {@link send} to the module's `template.defaultDestination`. */
  sendDefault<T>(payload: T, options: TransactionSendOptions): Promise<TransactionSendResult>;
  sendDefault<T>(payload: T, options: OneWaySendOptions): Promise<void>;
  sendDefault<T>(payload: readonly T[], options?: RocketMQSendOptions): Promise<SendResult[]>;
  sendDefault<T>(payload: T, options?: RocketMQSendOptions): Promise<SendResult>;
  async sendDefault(payload: unknown, options: AnySendOptions = noOptions): Promise<unknown> {
    const destination = this.#defaultDestination('sendDefault');
    return this.#sender.run({ kind: kindOf(options ?? noOptions), destination, payload, options });
  }

  /** {@link send} under the name users of other starters know; options, or a timeout and a delay level. */
  syncSend<T>(destination: string, payload: readonly T[], options?: OptionsOrTimeout): Promise<SendResult[]>;
  syncSend<T>(destination: string, payload: T, options?: OptionsOrTimeout, delayLevel?: number): Promise<SendResult>;
  syncSend(destination: string, payload: unknown, options?: OptionsOrTimeout, delayLevel?: number): Promise<unknown> {
    if (typeof options !== 'number' && delayLevel === undefined) return this.send(destination, payload, options);
    return this.#run('send', destination, payload, springOptions(options, { delayLevel }));
  }

  /** {@link send} with the queue chosen by `hashKey`: messages of one key arrive in the order they were sent. */
  syncSendOrderly<T>(
    destination: string,
    payload: readonly T[],
    hashKey: string,
    options?: OptionsOrTimeout,
  ): Promise<SendResult[]>;
  syncSendOrderly<T>(
    destination: string,
    payload: T,
    hashKey: string,
    options?: OptionsOrTimeout,
    delayLevel?: number,
  ): Promise<SendResult>;
  async syncSendOrderly(
    destination: string,
    payload: unknown,
    hashKey: string,
    options?: OptionsOrTimeout,
    delayLevel?: number,
  ): Promise<unknown> {
    const own = springOptions(options, { hashKey: checkHashKey('syncSendOrderly', hashKey), delayLevel });
    return this.#run('send', destination, payload, own);
  }

  /** Delivered so many seconds after the broker has it: `delay` in {@link RocketMQSendOptions}. */
  async syncSendDelayTimeSeconds<T>(
    destination: string,
    payload: T,
    seconds: number,
    options?: RocketMQSendOptions,
  ): Promise<SendResult> {
    checkDelay('syncSendDelayTimeSeconds', 'seconds', seconds);
    return this.#run('send', destination, payload, springOptions(options, { delay: seconds * 1000 }));
  }

  /** Delivered so many milliseconds after the broker has it. */
  async syncSendDelayTimeMills<T>(
    destination: string,
    payload: T,
    millis: number,
    options?: RocketMQSendOptions,
  ): Promise<SendResult> {
    checkDelay('syncSendDelayTimeMills', 'millis', millis);
    return this.#run('send', destination, payload, springOptions(options, { delay: millis }));
  }

  /** Delivered at this instant, milliseconds since the epoch. */
  async syncSendDeliverTimeMills<T>(
    destination: string,
    payload: T,
    deliverTimeMills: number,
    options?: RocketMQSendOptions,
  ): Promise<SendResult> {
    checkDelay('syncSendDeliverTimeMills', 'deliverTimeMills', deliverTimeMills);
    return this.#run('send', destination, payload, springOptions(options, { deliverAt: deliverTimeMills }));
  }

  /**
   * With the tries and the back pressure of asynchronous sends. With a callback it returns at once, and every failure, a
   * wrong argument included, goes to `onException`; without, it is a promise.
   */
  asyncSend<T>(
    destination: string,
    payload: T,
    callback: SendCallback,
    options?: OptionsOrTimeout,
    delayLevel?: number,
  ): void;
  asyncSend<T>(destination: string, payload: readonly T[], options?: OptionsOrTimeout): Promise<SendResult[]>;
  asyncSend<T>(destination: string, payload: T, options?: OptionsOrTimeout, delayLevel?: number): Promise<SendResult>;
  asyncSend(
    destination: string,
    payload: unknown,
    third?: SendCallback | OptionsOrTimeout,
    fourth?: OptionsOrTimeout,
    fifth?: number,
  ): Promise<unknown> | void {
    if (!isCallback(third)) {
      const delayLevel = fourth as number | undefined;
      return this.#run('async', destination, payload, springOptions(third, { delayLevel }));
    }
    const options = springOptions(fourth, { delayLevel: fifth });
    this.#callBack(this.#run('async', destination, payload, options, true), third);
  }

  /** {@link asyncSend} with the queue chosen by `hashKey`. */
  asyncSendOrderly<T>(
    destination: string,
    payload: T,
    hashKey: string,
    callback: SendCallback,
    options?: OptionsOrTimeout,
    delayLevel?: number,
  ): void;
  asyncSendOrderly<T>(
    destination: string,
    payload: readonly T[],
    hashKey: string,
    options?: OptionsOrTimeout,
  ): Promise<SendResult[]>;
  asyncSendOrderly<T>(
    destination: string,
    payload: T,
    hashKey: string,
    options?: OptionsOrTimeout,
    delayLevel?: number,
  ): Promise<SendResult>;
  asyncSendOrderly(
    destination: string,
    payload: unknown,
    hashKey: string,
    fourth?: SendCallback | OptionsOrTimeout,
    fifth?: OptionsOrTimeout,
    sixth?: number,
  ): Promise<unknown> | void {
    const run = async (given: OptionsOrTimeout | undefined, delayLevel: unknown, once: boolean): Promise<unknown> => {
      const own = { hashKey: checkHashKey('asyncSendOrderly', hashKey), delayLevel: delayLevel as number | undefined };
      return this.#run('async', destination, payload, springOptions(given, own), once);
    };
    if (!isCallback(fourth)) return run(fourth, fifth, false);
    this.#callBack(run(fifth, sixth, true), fourth);
  }

  /**
   * Sends without an answer: resolves when the bytes were handed to the socket, and cannot tell whether they arrived.
   * A batch is not sent one way.
   */
  async sendOneWay<T>(
    destination: string,
    payload: T,
    options: Omit<OneWaySendOptions, 'oneWay'> = noOptions,
  ): Promise<void> {
    await this.#run('oneWay', destination, payload, options);
  }

  /** {@link sendOneWay} with the queue chosen by `hashKey`. */
  async sendOneWayOrderly<T>(
    destination: string,
    payload: T,
    hashKey: string,
    options: Omit<OneWaySendOptions, 'oneWay' | 'hashKey'> = noOptions,
  ): Promise<void> {
    const own = springOptions(options, { hashKey: checkHashKey('sendOneWayOrderly', hashKey) });
    await this.#run('oneWay', destination, payload, own);
  }

  /**
   * {@link send} in a transaction: `options.transaction` runs, else the `producer.transactionListener` of the module, which
   * gets `arg`. Rejects as that does when what ran threw.
   */
  async sendMessageInTransaction<T>(
    destination: string,
    payload: T,
    arg?: unknown,
    options: Omit<TransactionOptions, 'transactionArg'> = {},
  ): Promise<TransactionSendResult> {
    const own = arg === undefined ? options : { ...options, transactionArg: arg };
    return this.#run('transaction', destination, payload, own);
  }

  /**
   * Sends, and resolves with what whoever consumed it replied. Rejects with TIMEOUT when no reply came in time, with
   * PROTOCOL_VIOLATION when it cannot be read as `replyType`, with RocketMQReplyError when it says of itself that it is an
   * error, as that of a microservice's `@MessagePattern` whose handler failed.
   */
  async sendAndReceive<R = unknown>(
    destination: string,
    payload: unknown,
    options: RequestOptions = noOptions,
  ): Promise<R> {
    return this.#run('request', destination, payload, options);
  }

  /** Spring's: sends with `properties` as headers, to the default destination when it gets the payload alone. */
  convertAndSend(payload: unknown): Promise<void>;
  convertAndSend(destination: string, payload: unknown, properties?: Readonly<Record<string, string>>): Promise<void>;
  async convertAndSend(...args: [unknown] | [string, unknown, Readonly<Record<string, string>>?]): Promise<void> {
    if (args.length === 1) {
      await this.#run('send', this.#defaultDestination('convertAndSend'), args[0], noOptions);
      return;
    }
    const [destination, payload, properties] = args;
    await this.#run('send', destination, payload, properties === undefined ? noOptions : { properties });
  }

  /**
   * The next messages of a topic for a consumer group, when asked: waits up to `timeout` for the first, and returns it with
   * what else is there. Each has its own `ack()`; one whose payload cannot be read has an `error` and holds up no other.
   */
  async receive<T = unknown>(topic: string, options: ReceiveOptions): Promise<RocketMQDelivery<T>[]> {
    const checked = validateOptions(ReceiveOptions, options, 'RocketMQTemplate.receive');
    let receiver = this.#receivers.get(checked.group);
    if (receiver === undefined) {
      receiver = new Receiver(this.#connection, topic, checked);
      this.#receivers.set(checked.group, receiver);
    }
    receiver.checkSame(topic, checked);
    return receiver.receive<T>(checked);
  }

  #run(
    kind: 'send' | 'async' | 'oneWay' | 'transaction' | 'request',
    destination: string,
    payload: unknown,
    options: AnySendOptions,
    oneRequest = false,
  ): Promise<never> {
    return this.#sender.run({ kind, destination, payload, options }, oneRequest) as Promise<never>;
  }

  #callBack(send: Promise<unknown>, callback: SendCallback): void {
    send
      .then(
        (result) => callback.onSuccess(result as SendResult),
        (error: unknown) => callback.onException(error),
      )
      .catch((error: unknown) => this.#connection.log.error(`A send callback threw: ${messageOf(error)}`));
  }

  #asksForMore(options: AnySendOptions): boolean {
    if (this.#connection.options?.template?.requireStoreOk === true) return true;
    if (options === noOptions) return false;
    if (typeof options !== 'object' || options === null) return true;
    const { oneWay, transaction, requireStoreOk } = options;
    return oneWay !== undefined || transaction !== undefined || requireStoreOk !== undefined;
  }

  #defaultDestination(method: string): string {
    const destination = this.#connection.options?.template?.defaultDestination;
    if (destination !== undefined) return destination;
    throw new RocketMQOptionsError(
      `${method}: there is no default destination; set template.defaultDestination of RocketMQModule`,
    );
  }
}

/** The options that a method of Spring's stands for, with those it was given beside. */
function springOptions(given: OptionsOrTimeout | undefined, own: AnySendOptions): AnySendOptions {
  const options = typeof given === 'number' ? { timeout: given } : given;
  const set = Object.entries(own).filter(([, value]) => value !== undefined);
  return { ...options, ...Object.fromEntries(set) };
}

function checkHashKey(method: string, hashKey: unknown): string {
  if (typeof hashKey === 'string' && hashKey !== '') return hashKey;
  throw new RocketMQOptionsError(`${method}: hashKey must be a text that is not empty`);
}

function checkDelay(method: string, name: string, value: unknown): void {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return;
  throw new RocketMQOptionsError(`${method}: ${name} must be a whole number from 1 on; it is ${String(value)}`);
}

function isCallback(value: unknown): value is SendCallback {
  if (typeof value !== 'object' || value === null) return false;
  return 'onSuccess' in value || 'onException' in value;
}
