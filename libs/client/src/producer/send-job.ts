/*
 * HOT PATH (every send). One message allocates this job, its encoded form, one header, one set of call options and its
 * result; the only promise is the caller's, the deadline is the call's own. Copies nothing: the body goes from where it is
 * into the connection's buffer. Benchmark: template.
 */
import { RocketMQError, codeOf, isRetryable, isThenable, messageOf } from '../../../common/src/index.js';
import {
  ResponseCode,
  sendBatchMessage,
  sendMessageV2,
  sendReplyMessageV2,
  type RequestInput,
} from '../../../protocol/src/index.js';
import type { CodedReply, ReplyReceiver } from '../../../remoting/src/index.js';
import { vipAddress, type ClientCore } from '../client-core.js';
import type { MessageQueue, OutgoingMessage, SendOptions, SendResult } from '../contract/index.js';
import { describeQueue } from '../message-queue.js';
import type { KnownTopic } from '../route/index.js';
import type { ThrottledLog } from '../throttled-log.js';
import type { AttemptOutcome, BrokerFaults } from './broker-faults.js';
import type { EncodedMessage } from './message-encoder.js';
import type { ProducerSettings } from './producer-settings.js';
import { queueByHash, queueBySelector } from './queue-choice.js';
import type { HookedAttempt, SendHooks } from './send-hooks.js';
import { sendResultOf, storedCodes, type SendReplyHeader } from './send-result.js';

/** What the sends of one producer share. */
export interface SendParts {
  readonly core: ClientCore;
  readonly settings: ProducerSettings;
  /** As brokers know it: in its namespace. */
  readonly group: string;
  readonly unitMode: boolean;
  readonly retryLog: ThrottledLog;
  /** Absent while brokers are taken in turn whatever they do. */
  readonly faults: BrokerFaults | undefined;
  /** Absent while nobody wants to be told of attempts. */
  readonly hooks: SendHooks | undefined;
  /** When the attempt began that a broker last answered with success, milliseconds since the epoch. */
  lastSent: number | undefined;
}

/** Where the outcome of a send goes: to one of the two, once. Neither may throw. */
export interface SendReceiver {
  sent(result: SendResult): void;
  refused(error: unknown): void;
}

/** Milliseconds: with less left, another attempt could only end as a second copy of the message and a timeout. */
const leastBudget = 10;

/** One message on its way, over all attempts. */
export class SendJob implements ReplyReceiver<SendReplyHeader, unknown> {
  readonly #startedAt: number;
  readonly #deadline: number;
  /** Attempts allowed after the first one. */
  readonly #retries: number;
  /** When this job last had its turn: within one, time stands still. */
  #now: number;
  /** Of the last attempt, on the wall clock. */
  #bornAt = 0;
  #attempts = 0;
  #queue: MessageQueue | undefined;
  /** Brokers of the attempts before the last one, in order. */
  #triedBefore: string[] | undefined;
  /** Stored, but not as safely as it might be. */
  #result: SendResult | undefined;
  #message: EncodedMessage | undefined;
  #hooked: HookedAttempt | undefined;

  /** @throws RocketMQError ARGUMENT_INVALID when the timeout is none. */
  constructor(
    private readonly parts: SendParts,
    private readonly options: SendOptions,
    retries: number,
    private readonly receiver: SendReceiver,
  ) {
    this.#now = parts.core.clock.monotonic();
    this.#startedAt = this.#now;
    this.#deadline = this.#now + timeoutOf(options, parts.settings.sendMsgTimeout);
    const isFixed = options.queue !== undefined || options.hashKey !== undefined || options.selector !== undefined;
    this.#retries = isFixed ? 0 : retries;
  }

  run(encoded: EncodedMessage | Promise<EncodedMessage>): void {
    if (!isThenable(encoded)) return this.#begin(encoded);
    encoded.then(
      (message) => {
        this.#now = this.parts.core.clock.monotonic();
        this.#begin(message);
      },
      (error: unknown) => this.receiver.refused(error),
    );
  }

  replied(reply: CodedReply<SendReplyHeader, unknown>): void {
    const message = this.#message as EncodedMessage;
    let result: SendResult;
    try {
      result = sendResultOf(message, this.#queue as MessageQueue, reply);
    } catch (error) {
      this.#tellHooks(undefined, error);
      return this.#refuse(error);
    }
    this.#tellHooks(result, undefined);
    this.parts.lastSent = this.#bornAt;
    const { core, settings, faults } = this.parts;
    if (faults !== undefined) this.#recordAttempt(faults, 'answered');
    // The broker made the topic just now: readers in this process want to know.
    if (core.routes.known(message.topic)?.guessed) core.routes.refreshSoon(message.topic);
    const isFinal = result.sendStatus === 'SEND_OK' || !settings.retryAnotherBrokerWhenNotStoreOK;
    if (isFinal || this.#attempts > this.#retries) return this.receiver.sent(result);
    // Stored once already: a second attempt that fails must not turn this into a failure.
    this.#result = result;
    this.#tryAgain();
  }

  failed(error: unknown): void {
    const { core, retryLog, faults } = this.parts;
    const { topic } = this.#message as EncodedMessage;
    const code = codeOf(error);
    this.#tellHooks(undefined, error);
    if (faults !== undefined) this.#recordFailure(faults, error);
    if (code === 'CONNECTION_FAILED' || code === 'BROKER_UNAVAILABLE') core.routes.refreshSoon(topic);
    if (this.options.signal?.aborted || !this.#isRetryable(error)) return this.#refuse(explained(error, topic));
    this.#now = core.clock.monotonic();
    if (this.#attempts <= this.#retries && this.#deadline - this.#now >= leastBudget) {
      retryLog.warn('send failed, trying again', () => ({
        topic,
        broker: this.#queue?.brokerName,
        error: messageOf(error),
      }));
      return this.#tryAgain();
    }
    if (this.#attempts === 1) return this.#refuse(explained(error, topic));
    const cost = Math.round(this.#now - this.#startedAt);
    const text = `Send [${this.#attempts}] times, still failed, cost [${cost}]ms, topic ${topic}, brokers sent: ${this.#triedBrokers()}; the last one: ${messageOf(error)}`;
    this.#refuse(new RocketMQError('BROKER_UNAVAILABLE', text, { cause: error }));
  }

  #begin(message: EncodedMessage): void {
    this.#message = message;
    this.#attempt(message);
  }

  #tryAgain(): void {
    this.#now = this.parts.core.clock.monotonic();
    this.#triedBefore ??= [];
    this.#triedBefore.push((this.#queue as MessageQueue).brokerName);
    this.#attempt(this.#message as EncodedMessage);
  }

  #attempt(message: EncodedMessage): void {
    const avoidBroker = this.#queue?.brokerName;
    const { routes } = this.parts.core;
    const known = routes.knownForPublish(message.topic);
    if (known !== undefined) return this.#pickAndSend(known, message, avoidBroker);
    routes.forPublish(message.topic, this.parts.settings).then(
      (found) => {
        this.#now = this.parts.core.clock.monotonic();
        this.#pickAndSend(found, message, avoidBroker);
      },
      (error: unknown) => this.#refuse(error),
    );
  }

  #pickAndSend(known: KnownTopic, message: EncodedMessage, avoidBroker: string | undefined): void {
    known.lastUsed = this.#now;
    let queue: MessageQueue;
    try {
      queue = chooseQueue(known, message, this.options, avoidBroker, this.parts.faults);
    } catch (error) {
      return this.#refuse(error);
    }
    this.#sendTo(queue, message);
  }

  #sendTo(queue: MessageQueue, message: EncodedMessage): void {
    const { core, settings } = this.parts;
    let timeout = this.#deadline - this.#now;
    if (timeout <= 0) return this.#refuse(this.#outOfTime(message));
    this.#queue = queue;
    this.#attempts++;
    const most = settings.sendMsgMaxTimeoutPerRequest;
    if (most >= 0 && timeout > most && this.#attempts <= this.#retries) timeout = Math.max(1, most);
    let address: string;
    try {
      address = masterOf(core, queue);
    } catch (error) {
      return this.failed(error);
    }
    const request = message.batch ? sendBatchMessage : message.isReply ? sendReplyMessageV2 : sendMessageV2;
    if (this.parts.hooks !== undefined) this.#hooked = this.parts.hooks.before(message, queue, address);
    const call = { body: message.body, timeout, accept: storedCodes, signal: this.options.signal };
    this.#bornAt = core.clock.now();
    core.remoting.request(address, request, sendHeaderOf(message, queue, this.parts, this.#bornAt), call, this);
  }

  #tellHooks(result: SendResult | undefined, error: unknown): void {
    const attempt = this.#hooked;
    if (attempt === undefined) return;
    this.#hooked = undefined;
    this.parts.hooks?.after(attempt, result, error);
  }

  #refuse(error: unknown): void {
    if (this.#result !== undefined) this.receiver.sent(this.#result);
    else this.receiver.refused(error);
  }

  /** What a broker refuses goes by its code, everything else by what it is. */
  #isRetryable(error: unknown): boolean {
    const code = responseCodeOf(error);
    if (code !== undefined) return this.parts.settings.retryResponseCodes.has(code);
    return isRetryable(error);
  }

  #recordAttempt(faults: BrokerFaults, outcome: AttemptOutcome): void {
    const { brokerName } = this.#queue as MessageQueue;
    faults.record(brokerName, this.parts.core.clock.monotonic() - this.#now, outcome);
  }

  #recordFailure(faults: BrokerFaults, error: unknown): void {
    if (this.options.signal?.aborted) return;
    this.#recordAttempt(faults, responseCodeOf(error) === undefined ? 'failed' : 'refused');
  }

  #triedBrokers(): string {
    return [...(this.#triedBefore ?? []), this.#queue?.brokerName].join(', ');
  }

  #outOfTime({ topic }: EncodedMessage): RocketMQError {
    const budget = Math.round(this.#deadline - this.#startedAt);
    const tried = this.#attempts === 0 ? 'before a broker was reached' : `after brokers ${this.#triedBrokers()}`;
    return new RocketMQError('TIMEOUT', `Sending to topic ${topic} took more than ${budget} ms, ${tried}`);
  }
}

/** @throws RocketMQError ARGUMENT_INVALID when the caller's queue or selector does not fit. */
export function chooseQueue(
  known: KnownTopic,
  { message, topic }: EncodedMessage,
  { queue, hashKey, selector }: SendOptions,
  avoidBroker: string | undefined,
  faults: BrokerFaults | undefined,
): MessageQueue {
  if (queue !== undefined) {
    if (queue.topic === message.topic || queue.topic === topic) return queue;
    throw new RocketMQError(
      'ARGUMENT_INVALID',
      `queue ${describeQueue(queue)} is not of the message's topic ${message.topic}`,
    );
  }
  const queues = known.publishQueues;
  if (selector !== undefined) return queueBySelector(shownQueues(queues, message), message, selector);
  if (hashKey !== undefined) return queueByHash(queues, hashKey);
  return faults === undefined ? known.rotation.next(queues, avoidBroker) : faults.pick(known, avoidBroker);
}

/** In a namespace, selectors see topics as the application calls them. */
function shownQueues(queues: readonly MessageQueue[], { topic }: OutgoingMessage): readonly MessageQueue[] {
  return queues[0]?.topic === topic ? queues : queues.map((queue) => ({ ...queue, topic }));
}

/** @throws RocketMQError BROKER_UNAVAILABLE when the queue's broker has no master now. */
export function masterOf(core: ClientCore, queue: MessageQueue): string {
  const address = core.routes.masterOf(queue.brokerName);
  if (address !== undefined) return vipAddress(address, core.settings.vipChannelEnabled);
  throw new RocketMQError('BROKER_UNAVAILABLE', `The broker[${queue.brokerName}] has no master that is registered now`);
}

/** @param now on the wall clock: when the message was born */
export function sendHeaderOf(
  message: EncodedMessage,
  queue: MessageQueue,
  { settings, unitMode, group }: Pick<SendParts, 'settings' | 'unitMode' | 'group'>,
  now: number,
): RequestInput<typeof sendMessageV2> {
  return {
    producerGroup: group,
    topic: message.topic,
    defaultTopic: settings.createTopicKey,
    defaultTopicQueueNums: settings.defaultTopicQueueNums,
    queueId: queue.queueId,
    sysFlag: message.sysFlag,
    bornTimestamp: now,
    flag: message.flag,
    properties: message.properties,
    reconsumeTimes: 0,
    unitMode,
    batch: message.batch,
    bname: queue.brokerName,
  };
}

function timeoutOf(options: SendOptions, fallback: number): number {
  const { timeout } = options;
  if (timeout === undefined) return fallback;
  if (Number.isFinite(timeout) && timeout > 0) return timeout;
  throw new RocketMQError('ARGUMENT_INVALID', `SendOptions.timeout must be more than 0 milliseconds, not ${timeout}`);
}

/** What a broker answered, when it was a broker that refused. */
function responseCodeOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('responseCode' in error)) return undefined;
  return typeof error.responseCode === 'number' ? error.responseCode : undefined;
}

/** Adds what to do to a refusal that users meet first. */
function explained(error: unknown, topic: string): unknown {
  if (responseCodeOf(error) !== ResponseCode.TOPIC_NOT_EXIST) return error;
  return new RocketMQError(
    'TOPIC_NOT_FOUND',
    `Topic '${topic}' does not exist and the broker does not create topics (autoCreateTopicEnable=false). ` +
      `Create it: mqadmin updateTopic -n <name server> -c <cluster> -t ${topic}`,
    { cause: error },
  );
}
