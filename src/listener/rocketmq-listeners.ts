import { Injectable } from '@nestjs/common';
import { isThenable, type Logger, messageOf, RocketMQError } from '../../libs/common/src/index.js';
import type {
  MessageHandler,
  PushConsumer,
  PushConsumerConfig,
  ReceivedMessage,
  RocketMQClient,
} from '../../libs/client/src/index.js';
import { RocketMQConnection, type Session } from '../connection/rocketmq-connection.js';
import { nestLogger } from '../nest-logger.js';
import { type ListenerDefinition, ListenerExplorer } from './listener-explorer.js';
import { type ListenerCall, ListenerInvoker } from './listener-invoker.js';
import { type PayloadDecoder, payloadDecoder } from './payload-decoding.js';
import { RocketMQContext } from './rocketmq-context.js';

/** What a first send would make: Apache's defaultTopicQueueNums. */
const queuesOfNewTopic = 4;

/** A listener as an operator sees it. */
export interface ListenerState {
  /** 'Billing.onMessage' */
  readonly place: string;
  readonly topic: string;
  readonly consumerGroup: string;
  readonly running: boolean;
  /** Queues of the topic held now. */
  readonly queues: number;
}

/** The application's listeners, each with a consumer of its own group. */
@Injectable()
export class RocketMQListeners {
  readonly #log: Logger = nestLogger('RocketMQ');
  #definitions: readonly ListenerDefinition[] = [];
  readonly #consumers = new Map<ListenerDefinition, PushConsumer>();
  #started: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  constructor(
    private readonly explorer: ListenerExplorer,
    private readonly invoker: ListenerInvoker,
    private readonly connection: RocketMQConnection,
  ) {}

  /** @throws RocketMQOptionsError when listeners are wrongly declared. */
  explore(): void {
    this.#definitions = this.explorer.explore();
    if (this.#definitions.length > 0 && !this.connection.options) {
      this.#log.warn(`${this.#definitions.length} listeners stay silent: RocketMQModule.forRoot is not imported`);
    }
  }

  get states(): readonly ListenerState[] {
    return this.#definitions.map((definition) => {
      const consumer = this.#consumers.get(definition);
      const { topic, consumerGroup } = definition.options;
      return {
        place: definition.place,
        topic,
        consumerGroup,
        running: consumer !== undefined && this.#closed === undefined,
        queues: consumer?.assignment.filter((queue) => queue.topic === topic).length ?? 0,
      };
    });
  }

  /**
   * Begins to consume. Called with the application's bootstrap unless `autoStart` is false. Idempotent. With
   * `onConnectFailure: 'fail'` it resolves when all listeners run; otherwise at once, and they begin when connected.
   */
  start(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  async #start(): Promise<void> {
    if (this.#definitions.length === 0) return;
    const policy = this.connection.options?.onConnectFailure ?? 'fail';
    const running = this.connection.whenConnected().then((session) => this.#startAll(session));
    if (policy === 'fail') return running;
    running.catch((error: unknown) => {
      if (!this.#closed) this.#log.error(`Listeners could not start: ${messageOf(error)}`);
    });
  }

  async #startAll({ client }: Session): Promise<void> {
    if (this.connection.ownsBroker) await this.#createTopics(client);
    for (const definition of this.#definitions) {
      if (this.#closed) return;
      const consumer = client.createPushConsumer(this.#consumerConfig(definition));
      this.#consumers.set(definition, consumer);
      const { topic, selectorType = 'TAG', selectorExpression = '*', filterClass, consumerGroup } = definition.options;
      const selector = { type: selectorType, expression: selectorExpression };
      consumer.subscribe(topic, filterClass === undefined ? selector : { filterClass });
      await consumer.start();
      this.#log.info(
        `${definition.place} listens to ${topic}:${filterClass ?? selectorExpression} (group ${consumerGroup})`,
      );
    }
  }

  /**
   * The broker is this application's own and makes topics at the first send anyway. There from the start, a topic's
   * first message arrives at once, not when its route is next asked for.
   */
  async #createTopics({ admin }: RocketMQClient): Promise<void> {
    const topics = new Set(this.#definitions.map(({ options }) => options.topic));
    await Promise.all(
      [...topics].map(async (topic) => {
        if (await admin.topicExists(topic)) return;
        await admin.createTopic(topic, { readQueues: queuesOfNewTopic, writeQueues: queuesOfNewTopic });
      }),
    );
  }

  #consumerConfig(definition: ListenerDefinition): PushConsumerConfig {
    const {
      topic: _topic,
      selectorExpression: _expression,
      selectorType: _selectorType,
      filterClass: _filterClass,
      payloadType: _type,
      enabled: _on,
      ...own
    } = definition.options;
    const { consumerGroup } = own;
    const shared = withoutUndefined(this.connection.options?.consumer ?? {});
    return {
      ...shared,
      ...withoutUndefined(own),
      consumerGroup,
      consumeMessageBatchMaxSize: 1,
      handler: this.#handler(definition),
    };
  }

  /** The consumer hands over one message a call; a rejection makes it come again. */
  #handler(definition: ListenerDefinition): MessageHandler {
    const call: ListenerCall = this.invoker.create(definition);
    const decode = payloadDecoder(definition.payloadType, this.connection.codecs);
    const { consumerGroup } = definition.options;
    // HOT PATH (every message): its context, its payload, and no promise but the listener's own. Benchmark: listener.
    return ([message], consume) => {
      if (message === undefined) return undefined;
      const context = new RocketMQContext(message, consumerGroup, consume);
      const outcome = call(readPayload(decode, message, definition.place), context);
      return isThenable(outcome) ? outcome.then(nothing, rethrow) : undefined;
    };
  }

  /** Stops pulling; what is already here is still handled. */
  suspend(): void {
    for (const consumer of this.#consumers.values()) consumer.suspend();
  }

  /** Waits for handlers under way up to their deadline, stores offsets and leaves the groups. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const consumers = [...this.#consumers.values()];
    const ends = await Promise.allSettled(
      consumers.map(async (consumer) => {
        await consumer.drain();
        await consumer.close();
      }),
    );
    for (const end of ends) {
      if (end.status === 'rejected') this.#log.error(`A listener did not stop cleanly: ${messageOf(end.reason)}`);
    }
  }
}

/** The consumer logs what is thrown, with queue and offset: the error has to name the listener. */
function readPayload(decode: PayloadDecoder, message: ReceivedMessage, place: string): unknown {
  try {
    return decode(message);
  } catch (error) {
    throw new RocketMQError('PROTOCOL_VIOLATION', `${place}: ${messageOf(error)}`);
  }
}

/** What a pipe found wrong stands in the response of Nest's exceptions; their message says no more than "Bad Request". */
function explained(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('getResponse' in error)) return error;
  const response: unknown = typeof error.getResponse === 'function' ? error.getResponse() : undefined;
  const reasons: unknown = (response as { message?: unknown } | undefined)?.message;
  return Array.isArray(reasons) ? new Error(`${messageOf(error)}: ${reasons.join('; ')}`, { cause: error }) : error;
}

function nothing(): void {}

function rethrow(error: unknown): never {
  throw explained(error);
}

function withoutUndefined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
