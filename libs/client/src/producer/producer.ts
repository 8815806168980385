import { RocketMQError, codeOf, createLifecycle, messageOf, type Lifecycle } from '../../../common/src/index.js';
import { ResponseCode, sendBatchMessage, sendMessageV2, type RequestInput } from '../../../protocol/src/index.js';
import { createUniqueIds } from '../../../protocol/src/message/index.js';
import { vipAddress, type ClientCore } from '../client-core.js';
import type {
  MessageQueue,
  OutgoingMessage,
  Producer,
  ProducerConfig,
  SendCallback,
  SendOptions,
  SendResult,
} from '../contract.js';
import { compareQueues, describeQueue } from '../message-queue.js';
import type { KnownTopic } from '../route/index.js';
import { isThenable } from '../thenable.js';
import { ThrottledLog } from '../throttled-log.js';
import { MessageEncoder, type EncodedMessage } from './message-encoder.js';
import { readProducerConfig, type ProducerSettings } from './producer-settings.js';
import { queueByHash, queueBySelector } from './queue-choice.js';
import { sendResultOf, storedCodes } from './send-result.js';

/** One message on its way, over all attempts. */
interface SendJob {
  readonly message: EncodedMessage;
  readonly options: SendOptions;
  /** On the monotonic clock. */
  readonly startedAt: number;
  readonly deadline: number;
  /** Attempts allowed after the first one. */
  readonly retries: number;
  /** Brokers tried, in order. */
  readonly tried: string[];
}

/** Milliseconds: with less left, another attempt could only end as a second copy of the message and a timeout. */
const leastBudget = 10;

const started = 'started';
const created = 'created';
const closed = 'closed';

/**
 * Hot path of a send: one encoded properties text, one header object, and the promise of the call with one continuation.
 * No timer, no copy of the body; the deadline is the call's own.
 */
export class MessageProducer implements Producer {
  readonly producerGroup: string;
  readonly #settings: ProducerSettings;
  readonly #encoder: MessageEncoder;
  readonly #lifecycle: Lifecycle;
  readonly #retryLog: ThrottledLog;
  #state: typeof created | typeof started | typeof closed = created;
  #underWay = 0;
  #onIdle: (() => void) | undefined;

  constructor(
    private readonly core: ClientCore,
    config: ProducerConfig,
    onClosed: () => Promise<void>,
  ) {
    this.#settings = readProducerConfig(config);
    this.producerGroup = this.#settings.producerGroup;
    const { clientIP } = core.settings;
    const nextId = createUniqueIds({ ip: clientIP, pid: process.pid, clock: core.clock, random: Math.random });
    this.#encoder = new MessageEncoder(this.#settings, nextId);
    this.#retryLog = new ThrottledLog(core.clock, core.log);
    this.#lifecycle = createLifecycle({
      start: () => this.#start(),
      close: () => this.#close().finally(onClosed),
    });
  }

  start(): Promise<void> {
    return this.#lifecycle.start();
  }

  /** Waits for sends under way: each ends by its own deadline. */
  close(): Promise<void> {
    return this.#lifecycle.close();
  }

  send(message: OutgoingMessage | readonly OutgoingMessage[], options: SendOptions = {}): Promise<SendResult> {
    return this.#send(message, options, this.#settings.retryTimesWhenSendFailed);
  }

  sendAsync(
    message: OutgoingMessage | readonly OutgoingMessage[],
    callback: SendCallback,
    options: SendOptions = {},
  ): void {
    const guarded = (run: () => void): void => {
      try {
        run();
      } catch (error) {
        this.core.log.error('a send callback threw', { group: this.producerGroup, error: messageOf(error) });
      }
    };
    this.#send(message, options, this.#settings.retryTimesWhenSendAsyncFailed).then(
      (result) => guarded(() => callback.onSuccess(result)),
      (error: unknown) => guarded(() => callback.onException(error)),
    );
  }

  async sendOneWay(message: OutgoingMessage, options: Omit<SendOptions, 'timeout'> = {}): Promise<void> {
    this.#refuseUnlessStarted();
    const encoded = await this.#encoder.encode(message);
    const queue = await this.#chooseQueue(encoded, options, undefined);
    options.signal?.throwIfAborted();
    const address = this.#addressOf(queue);
    await this.core.remoting.oneWay(address, sendMessageV2, this.#header(encoded, queue), { body: encoded.body });
  }

  async fetchPublishMessageQueues(topic: string): Promise<MessageQueue[]> {
    const known = await this.core.routes.forPublish(topic, this.#settings);
    return known.publishQueues.toSorted(compareQueues);
  }

  async #start(): Promise<void> {
    await this.core.start();
    this.core.membership.addProducer(this.producerGroup);
    this.#state = started;
    await this.core.membership.beat();
  }

  async #close(): Promise<void> {
    const wasStarted = this.#state === started;
    this.#state = closed;
    if (this.#underWay > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    if (wasStarted) await this.core.membership.removeProducer(this.producerGroup);
  }

  #refuseUnlessStarted(): void {
    if (this.#state === started) return;
    const why = this.#state === closed ? 'is closed' : 'is not started: call start() first';
    throw new RocketMQError('CLOSED', `The producer of group ${this.producerGroup} ${why}`);
  }

  #send(
    message: OutgoingMessage | readonly OutgoingMessage[],
    options: SendOptions,
    retries: number,
  ): Promise<SendResult> {
    try {
      this.#refuseUnlessStarted();
      const startedAt = this.core.clock.monotonic();
      const deadline = startedAt + timeoutOf(options, this.#settings.sendMsgTimeout);
      const fixed = options.queue !== undefined || options.hashKey !== undefined || options.selector !== undefined;
      const attempt = (encoded: EncodedMessage): Promise<SendResult> =>
        this.#attempt({ message: encoded, options, startedAt, deadline, retries: fixed ? 0 : retries, tried: [] });
      const encoded = this.#encoder.encode(message);
      return isThenable(encoded) ? this.#tracked(encoded.then(attempt)) : attempt(encoded);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Something `close` has to wait for. The calls themselves are counted without a promise of their own. */
  #tracked<T>(work: Promise<T>): Promise<T> {
    this.#underWay++;
    return work.finally(() => this.#ended());
  }

  #ended(): void {
    if (--this.#underWay === 0) this.#onIdle?.();
  }

  #attempt(job: SendJob): Promise<SendResult> {
    let queue: MessageQueue | Promise<MessageQueue>;
    try {
      queue = this.#chooseQueue(job.message, job.options, job.tried.at(-1));
    } catch (error) {
      return Promise.reject(error);
    }
    return isThenable(queue)
      ? this.#tracked(queue.then((chosen) => this.#attemptAt(job, chosen)))
      : this.#attemptAt(job, queue);
  }

  #attemptAt(job: SendJob, queue: MessageQueue): Promise<SendResult> {
    const { message, options } = job;
    const timeout = job.deadline - this.core.clock.monotonic();
    if (timeout <= 0) return Promise.reject(this.#outOfTime(job));
    job.tried.push(queue.brokerName);
    let address: string;
    try {
      address = this.#addressOf(queue);
    } catch (error) {
      return this.#failed(job, error);
    }
    const request = message.batch ? sendBatchMessage : sendMessageV2;
    const call = { body: message.body, timeout, accept: storedCodes, signal: options.signal };
    const answer = this.core.remoting.call(address, request, this.#header(message, queue), call);
    this.#underWay++;
    return answer.then(
      (reply) => {
        // A further attempt is counted before this one ends, so that the count reaches zero at the very end only.
        try {
          return this.#stored(job, sendResultOf(message, queue, reply));
        } finally {
          this.#ended();
        }
      },
      (error: unknown) => {
        try {
          return this.#failed(job, error);
        } finally {
          this.#ended();
        }
      },
    );
  }

  #stored(job: SendJob, result: SendResult): SendResult | Promise<SendResult> {
    const { topic } = job.message;
    // The broker made the topic just now: readers in this process want to know.
    if (this.core.routes.known(topic)?.guessed) this.core.routes.refreshSoon(topic);
    if (result.sendStatus === 'SEND_OK' || !this.#settings.retryAnotherBrokerWhenNotStoreOK) return result;
    if (job.tried.length > job.retries) return result;
    // Stored once already: a second attempt that fails must not turn this into a failure.
    return this.#attempt(job).catch(() => result);
  }

  #failed(job: SendJob, error: unknown): Promise<SendResult> {
    const { topic } = job.message;
    const code = codeOf(error);
    if (code === 'CONNECTION_FAILED' || code === 'BROKER_UNAVAILABLE') this.core.routes.refreshSoon(topic);
    if (job.options.signal?.aborted || !isRetryable(error)) return Promise.reject(explained(error, topic));
    const left = job.deadline - this.core.clock.monotonic();
    if (job.tried.length <= job.retries && left >= leastBudget) {
      this.#retryLog.warn('send failed, trying again', () => ({
        topic,
        broker: job.tried.at(-1),
        error: messageOf(error),
      }));
      return this.#attempt(job);
    }
    if (job.tried.length === 1) return Promise.reject(explained(error, topic));
    const cost = Math.round(this.core.clock.monotonic() - job.startedAt);
    const message = `Send [${job.tried.length}] times, still failed, cost [${cost}]ms, topic ${topic}, brokers sent: ${job.tried.join(', ')}; the last one: ${messageOf(error)}`;
    return Promise.reject(new RocketMQError('BROKER_UNAVAILABLE', message, { cause: error }));
  }

  #outOfTime(job: SendJob): RocketMQError {
    const budget = Math.round(job.deadline - job.startedAt);
    const tried = job.tried.length === 0 ? 'before a broker was reached' : `after brokers ${job.tried.join(', ')}`;
    return new RocketMQError('TIMEOUT', `Sending to topic ${job.message.topic} took more than ${budget} ms, ${tried}`);
  }

  #chooseQueue(
    message: EncodedMessage,
    options: SendOptions,
    avoidBroker: string | undefined,
  ): MessageQueue | Promise<MessageQueue> {
    const { topic } = message;
    const known = this.core.routes.known(topic);
    if (known !== undefined && known.publishQueues.length > 0) return this.#pick(known, message, options, avoidBroker);
    return this.core.routes
      .forPublish(topic, this.#settings)
      .then((found) => this.#pick(found, message, options, avoidBroker));
  }

  #pick(
    known: KnownTopic,
    { message, topic }: EncodedMessage,
    { queue, hashKey, selector }: SendOptions,
    avoidBroker: string | undefined,
  ): MessageQueue {
    known.lastUsed = this.core.clock.monotonic();
    const queues = known.publishQueues;
    if (queue !== undefined) {
      if (queue.topic === topic) return queue;
      throw new RocketMQError(
        'ARGUMENT_INVALID',
        `queue ${describeQueue(queue)} is not of the message's topic ${topic}`,
      );
    }
    if (selector !== undefined) return queueBySelector(queues, message, selector);
    if (hashKey !== undefined) return queueByHash(queues, hashKey);
    return known.rotation.next(queues, avoidBroker);
  }

  #addressOf(queue: MessageQueue): string {
    const address = this.core.routes.masterOf(queue.brokerName);
    if (address !== undefined) return vipAddress(address, this.core.settings.vipChannelEnabled);
    throw new RocketMQError(
      'BROKER_UNAVAILABLE',
      `The broker[${queue.brokerName}] has no master that is registered now`,
    );
  }

  #header(message: EncodedMessage, queue: MessageQueue): RequestInput<typeof sendMessageV2> {
    return {
      producerGroup: this.producerGroup,
      topic: message.topic,
      defaultTopic: this.#settings.createTopicKey,
      defaultTopicQueueNums: this.#settings.defaultTopicQueueNums,
      queueId: queue.queueId,
      sysFlag: message.sysFlag,
      bornTimestamp: this.core.clock.now(),
      flag: message.flag,
      properties: message.properties,
      reconsumeTimes: 0,
      unitMode: false,
      batch: message.batch,
      bname: queue.brokerName,
    };
  }
}

function timeoutOf(options: SendOptions, fallback: number): number {
  const { timeout } = options;
  if (timeout === undefined) return fallback;
  if (Number.isFinite(timeout) && timeout > 0) return timeout;
  throw new RocketMQError('ARGUMENT_INVALID', `SendOptions.timeout must be more than 0 milliseconds, not ${timeout}`);
}

function isRetryable(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'retryable' in error && error.retryable === true;
}

/** Adds what to do to a refusal that users meet first. */
function explained(error: unknown, topic: string): unknown {
  const refused =
    typeof error === 'object' && error !== null && 'responseCode' in error ? error.responseCode : undefined;
  if (refused !== ResponseCode.TOPIC_NOT_EXIST) return error;
  return new RocketMQError(
    'TOPIC_NOT_FOUND',
    `Topic '${topic}' does not exist and the broker does not create topics (autoCreateTopicEnable=false). ` +
      `Create it: mqadmin updateTopic -n <name server> -c <cluster> -t ${topic}`,
    { cause: error },
  );
}
