import { RocketMQError, silentLogger, systemClock } from '../../libs/common/src/index.js';
import type { Producer, RocketMQClient, SendStatus } from '../../libs/client/src/index.js';
import { RocketMQConnection, type Session } from '../connection/rocketmq-connection.js';
import { RocketMQModuleOptions } from '../options/module-options.js';
import { validateOptions } from '../options/validate.js';
import { BatchItem } from '../template/batch-item.js';
import { parseDestination } from '../template/destination.js';
import type { RocketMQDelivery } from '../template/delivery.js';
import type { ReceiveOptions } from '../template/receive-options.js';
import { RocketMQTemplate } from '../template/rocketmq-template.js';
import type { SendCall, SendInterceptor, SendNext } from '../template/send-interceptor.js';
import type { AnySendOptions, SendKind } from '../template/send-options.js';
import { FakeProducer } from './fake-producer.js';

/** A message that was sent with a FakeRocketMQTemplate. */
export interface SentMessage {
  readonly kind: SendKind;
  readonly topic: string;
  readonly tag: string | undefined;
  /** As it was given, of a batch one of its items. */
  readonly payload: unknown;
  /** Of the send, with those of the BatchItem. */
  readonly options: AnySendOptions;
  /** What the caller got; of sends without an answer undefined, of sendAndReceive the reply, of a batch its results. */
  readonly result: unknown;
}

/** What of RocketMQModule's options counts without a cluster. */
export type FakeTemplateOptions = Pick<RocketMQModuleOptions, 'producer' | 'template' | 'codecs'>;

/**
 * A RocketMQTemplate for unit tests: it sends nowhere, remembers what was sent, and answers SEND_OK. Options, destinations
 * and messages are checked by the same code as the real one's, so that what it takes, a cluster takes.
 *
 * @example
 * ```ts
 * const template = new FakeRocketMQTemplate();
 * await new Shop(template).place(order);
 * expect(template.sent).toMatchObject([{ topic: 'orders', tag: 'placed', payload: order }]);
 * ```
 */
export class FakeRocketMQTemplate extends RocketMQTemplate {
  readonly #sent: SentMessage[] = [];
  readonly #connection: FakeConnection;

  /** @throws RocketMQOptionsError naming what is wrong. */
  constructor(options: FakeTemplateOptions = {}) {
    const connection = new FakeConnection();
    super(connection);
    this.#connection = connection;
    connection.configure(validateOptions(RocketMQModuleOptions, options, 'FakeRocketMQTemplate'));
    connection.interceptors = [this.#recorder()];
  }

  /** Every message that was sent and not refused, in order. */
  get sent(): readonly SentMessage[] {
    return this.#sent;
  }

  /** Forgets what was sent. */
  clear(): void {
    this.#sent.splice(0);
  }

  /** The next `times` sends, of whatever kind, reject with `error`. */
  failNext(error: unknown, times = 1): void {
    this.#connection.fake.failNext(error, times);
  }

  /** The next send is answered with this status in place of SEND_OK. */
  answerNext(status: SendStatus): void {
    this.#connection.fake.answerNext(status);
  }

  /** What `sendAndReceive` to this topic is answered with: a payload, or what makes one of the request's body. */
  replyTo(topic: string, reply: unknown): void {
    const { fake, codecs } = this.#connection;
    fake.replies.set(topic, async ({ body, properties = {}, tags }) => {
      const value: unknown =
        typeof reply === 'function' ? await (reply as (body: string) => unknown)(String(body)) : reply;
      return codecs.encode(value, undefined, { topic, tags, properties }).body;
    });
  }

  /** There is nothing to receive. */
  override receive<T = unknown>(_topic: string, _options: ReceiveOptions): Promise<RocketMQDelivery<T>[]> {
    const error = new RocketMQError('UNSUPPORTED', 'FakeRocketMQTemplate receives nothing: use RocketMQTestingModule');
    return Promise.reject(error);
  }

  #recorder(): SendInterceptor {
    return {
      intercept: async (call: SendCall, next: SendNext) => {
        const result = await next();
        this.#record(call, result);
        return result;
      },
    };
  }

  #record({ kind, destination, payload, options }: SendCall, result: unknown): void {
    const { topic, tags } = parseDestination(destination);
    const items: readonly unknown[] = Array.isArray(payload) ? payload : [payload];
    for (const item of items) {
      const own = item instanceof BatchItem ? { ...options, ...item.options } : options;
      const given: unknown = item instanceof BatchItem ? item.payload : item;
      this.#sent.push({ kind, topic, tag: own.tag ?? tags, payload: given, options: own, result });
    }
  }
}

/** Connected to nothing, and always there. */
class FakeConnection extends RocketMQConnection {
  #fake: FakeProducer | undefined;

  constructor() {
    super(systemClock, silentLogger);
  }

  get fake(): FakeProducer {
    return (this.#fake ??= new FakeProducer(this.producerGroup, this.options?.producer ?? {}));
  }

  /** It does what the template asks of a producer. */
  override get producer(): Producer {
    return this.fake as unknown as Producer;
  }

  /** Of whatever group: nobody knows here which have a `@RocketMQTransactionListener`. */
  override producerOf(): Producer {
    return this.producer;
  }

  override async session(): Promise<Session> {
    return { client: nowhere, producer: this.producer, producers: new Map([[this.producerGroup, this.producer]]) };
  }
}

const nowhere = new Proxy({} as RocketMQClient, {
  get(): never {
    throw new RocketMQError('UNSUPPORTED', 'FakeRocketMQTemplate has no cluster: use RocketMQTestingModule');
  },
});
