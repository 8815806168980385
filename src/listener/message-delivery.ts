import { isThenable, type Logger, messageOf, RocketMQError } from '../../libs/common/src/index.js';
import type { ConsumeContext, ReceivedMessage } from '../../libs/client/src/index.js';
import type { DeliveryObserver, ObservedCall, ObservedListener, Verdict } from './delivery-observer.js';
import { outcomeByRules } from './error-policy.js';
import type { RocketMQMessage } from './handler-parameters.js';
import type { HandledMessages } from './idempotency.js';
import type { ListenerDefinition } from './listener-explorer.js';
import type { ListenerCall } from './listener-invoker.js';
import { ack, delayLevelFor, MessageOutcome, outcomeOf, retryAfter } from './outcome.js';
import { RocketMQContext } from './rocketmq-context.js';

/** What became of a listener's messages since the application started. */
export interface ListenerFigures {
  acked: number;
  /** Deliveries that failed and come again, if not too often. */
  retried: number;
  /** Given up by the listener; those that came too often are not known here. */
  deadLettered: number;
  /** Failed in BROADCASTING. */
  dropped: number;
  /** Left out, as they had been handled before. */
  repeated: number;
}

interface Parts {
  readonly listener: ListenerDefinition;
  readonly call: ListenerCall;
  readonly decode: (message: ReceivedMessage) => unknown;
  readonly handled: HandledMessages | undefined;
  /** Answers a request with what the handler returned. */
  readonly reply: ((request: ReceivedMessage, value: unknown) => Promise<void>) | undefined;
  /** Answers a request with what went wrong, which is its end then. False when nobody asked. */
  readonly replyError?: ((request: ReceivedMessage, error: unknown) => Promise<boolean>) | undefined;
  readonly isBroadcasting: boolean;
  readonly isOrderly: boolean;
  readonly log: Logger;
  /** Name of the connection. */
  readonly connection: string;
  /** Outermost first. */
  readonly observers: readonly DeliveryObserver[];
}

const consumed: Verdict = { outcome: ack(), error: undefined };
const known: Verdict = { outcome: ack(), error: undefined };

/** Hands messages to one listener and says what becomes of them. */
export class MessageDelivery {
  readonly figures: ListenerFigures = { acked: 0, retried: 0, deadLettered: 0, dropped: 0, repeated: 0 };
  readonly #group: string;
  readonly #isPlain: boolean;
  readonly #shown: ObservedListener;

  constructor(private readonly parts: Parts) {
    const { listener, connection, handled, reply, observers, isBroadcasting } = parts;
    const { topic, consumerGroup } = listener.options;
    this.#group = consumerGroup;
    this.#isPlain = handled === undefined && reply === undefined && observers.length === 0;
    this.#shown = { connection, place: listener.place, topic, consumerGroup, isBroadcasting };
  }

  /**
   * HOT PATH (every message of listeners without `batch`): its context, its payload, and no promise but the handler's own.
   * Throws or rejects when the message is not consumed, having told `consume` when it is to come again. Benchmark: listener.
   */
  deliver(message: ReceivedMessage, consume: ConsumeContext): void | Promise<void> {
    const context = new RocketMQContext(message, this.#group, consume);
    if (!this.#isPlain) return this.#deliverWithCare(message, context, consume);
    let result: unknown;
    try {
      result = this.parts.call(this.#payloadOf(message, context), context);
    } catch (error) {
      return this.#conclude(this.#verdictOn(error, context), consume);
    }
    if (!isThenable(result)) {
      if (result === undefined && context.outcome === undefined) return void this.figures.acked++;
      return this.#conclude(this.#verdictOf(result, context), consume);
    }
    return result.then(
      (value) => this.#conclude(this.#verdictOf(value, context), consume),
      (error: unknown) => this.#conclude(this.#verdictOn(error, context), consume),
    );
  }

  async #deliverWithCare(message: ReceivedMessage, context: RocketMQContext, consume: ConsumeContext): Promise<void> {
    if (this.parts.observers.length === 0) return this.#conclude(await this.#handle(message, context), consume);
    const [verdict] = await this.#observed([message], false, async () => [await this.#handle(message, context)]);
    this.#conclude(verdict ?? consumed, consume);
  }

  async #handle(message: ReceivedMessage, context: RocketMQContext): Promise<Verdict> {
    const { handled, reply, call } = this.parts;
    let verdict: Verdict;
    try {
      if (await handled?.has(message)) return known;
      const value = await call(this.#payloadOf(message, context), context);
      verdict = this.#verdictOf(value, context);
      if (verdict.outcome.kind === 'ack' && !(value instanceof MessageOutcome)) await reply?.(message, value);
    } catch (error) {
      const isAnswered = await this.#answered(message, error, context);
      verdict = isAnswered ? consumed : this.#verdictOn(error, context);
    }
    if (verdict.outcome.kind === 'ack') await this.#remember(message);
    return verdict;
  }

  #observed(
    messages: readonly ReceivedMessage[],
    isBatch: boolean,
    handle: () => Promise<readonly Verdict[]>,
  ): Promise<readonly Verdict[]> {
    const call: ObservedCall = { listener: this.#shown, isBatch, messages };
    const outermost = this.parts.observers.reduceRight(
      (inner, observer) => (observer.around ? () => observer.around?.(call, inner) ?? inner() : inner),
      handle,
    );
    return outermost();
  }

  /** The messages of a batch with their payloads, or what becomes of one that has none to be handed over. */
  async prepare(message: ReceivedMessage, consume: ConsumeContext): Promise<RocketMQMessage | Verdict> {
    const context = new RocketMQContext(message, this.#group, consume);
    try {
      if (await this.parts.handled?.has(message)) return known;
      return Object.assign(message, { payload: this.#payloadOf(message, context) });
    } catch (error) {
      return this.#verdictOn(error, context);
    }
  }

  /** What becomes of each of them. Never rejects. */
  async deliverBatch(messages: readonly RocketMQMessage[], consume: ConsumeContext): Promise<readonly Verdict[]> {
    const [first] = messages;
    if (first === undefined) return [];
    const context = new RocketMQContext(first, this.#group, consume, messages);
    return this.#observed(messages, true, () => this.#handleBatch(messages, context));
  }

  async #handleBatch(messages: readonly RocketMQMessage[], context: RocketMQContext): Promise<readonly Verdict[]> {
    let verdicts: readonly Verdict[];
    try {
      const value = await this.parts.call(messages, context);
      verdicts = this.#verdictsOf(value, messages.length, context);
    } catch (error) {
      const verdict = this.#verdictOn(error, context);
      verdicts = messages.map(() => verdict);
    }
    for (const [i, message] of messages.entries()) {
      const kind = verdicts[i]?.outcome.kind;
      // Nothing behind a message that comes again counts.
      if (kind === 'retry' && this.parts.isOrderly) break;
      if (kind === 'ack') await this.#remember(message);
    }
    return verdicts;
  }

  /** Counts a verdict, and gives the delay level that stands for it: undefined when the message is consumed. */
  levelOf(verdict: Verdict): number | undefined {
    const { observers, isOrderly } = this.parts;
    const { outcome } = verdict;
    const fate = this.#fateOf(verdict);
    this.figures[fate]++;
    for (const observer of observers) observer.concluded?.(this.#shown, fate, outcome.reason);
    if (outcome.kind === 'ack') return undefined;
    if (outcome.kind === 'dlq') return -1;
    return outcome.delay === undefined || isOrderly ? 0 : delayLevelFor(outcome.delay);
  }

  #fateOf(verdict: Verdict): keyof ListenerFigures {
    if (verdict === known) return 'repeated';
    const { kind } = verdict.outcome;
    if (kind === 'ack') return 'acked';
    if (this.parts.isBroadcasting) return 'dropped';
    return kind === 'dlq' ? 'deadLettered' : 'retried';
  }

  /** What the log is told of a message that is not consumed; the consumer adds queue, offset and message id. */
  errorOf({ outcome, error }: Verdict): unknown {
    const { listener, isBroadcasting } = this.parts;
    const cause = error === undefined ? '' : ` (${messageOf(error)})`;
    const reason = outcome.reason === undefined ? '' : `: ${outcome.reason}`;
    if (isBroadcasting && (outcome.kind === 'dlq' || error === undefined)) {
      const wish = outcome.kind === 'dlq' ? `give the message up${reason}` : 'have the message again';
      return new RocketMQError(
        'UNSUPPORTED',
        `${listener.place} wants to ${wish}, but in BROADCASTING nothing comes again and there are no dead letters: it is dropped${cause}`,
      );
    }
    if (outcome.kind === 'dlq') return new Error(`${listener.place} gives the message up${reason}${cause}`);
    return error === undefined ? new Error(`${listener.place} wants the message again`) : explained(error);
  }

  #conclude(verdict: Verdict, consume: ConsumeContext): void {
    const level = this.levelOf(verdict);
    if (level === undefined) return;
    consume.delayLevelWhenNextConsume = level;
    if (this.parts.isOrderly && verdict.outcome.delay !== undefined)
      consume.suspendCurrentQueueTimeMillis = verdict.outcome.delay;
    throw this.errorOf(verdict);
  }

  /** Of what a handler returned. A reply may be any text, so that only a made outcome is one. */
  #verdictOf(value: unknown, context: RocketMQContext): Verdict {
    const isWord = typeof value === 'string' && this.parts.reply !== undefined;
    const outcome = (isWord ? undefined : outcomeOf(value)) ?? context.outcome;
    return outcome === undefined ? consumed : { outcome, error: undefined };
  }

  #verdictsOf(value: unknown, count: number, context: RocketMQContext): readonly Verdict[] {
    if (!Array.isArray(value)) return Array.from({ length: count }, () => this.#verdictOf(value, context));
    const { place } = this.parts.listener;
    if (value.length !== count) {
      throw new RocketMQError('ARGUMENT_INVALID', `${place} returned ${value.length} outcomes for ${count} messages`);
    }
    return value.map((item: unknown) => {
      const outcome = item === undefined ? ack() : outcomeOf(item);
      if (outcome !== undefined) return { outcome, error: undefined };
      throw new RocketMQError(
        'ARGUMENT_INVALID',
        `${place} returned a list with something else than outcomes: each must be 'ack', 'retry', 'dlq', retryAfter(...) or toDlq(...)`,
      );
    });
  }

  /** Of a failure: what the handler asked for, else what the options say, else that the message comes again. */
  #verdictOn(error: unknown, context: RocketMQContext): Verdict {
    const { onError, onPoison } = this.parts.listener.options;
    const asked = context.outcome?.kind === 'ack' ? undefined : context.outcome;
    const byOptions = context.refusedBy === undefined ? outcomeByRules(error, onError) : outcomeOf(onPoison);
    const outcome = asked ?? byOptions ?? retryAfter();
    if (outcome.kind === 'ack') {
      const { place } = this.parts.listener;
      this.parts.log.warn(`${place}: acked in spite of an error, as its options say`, {
        group: this.#group,
        topic: context.topic,
        msgId: context.msgId,
        error: messageOf(explained(error)),
      });
    }
    return { outcome, error: explained(error) };
  }

  /** Not when the handler wants the message again, or dead. */
  async #answered(message: ReceivedMessage, error: unknown, { outcome }: RocketMQContext): Promise<boolean> {
    const { replyError } = this.parts;
    if (replyError === undefined || (outcome !== undefined && outcome.kind !== 'ack')) return false;
    return replyError(message, explained(error));
  }

  /** The error has to name the listener. */
  #payloadOf(message: ReceivedMessage, context: RocketMQContext): unknown {
    try {
      return this.parts.decode(message);
    } catch (error) {
      context.refuse('payload');
      throw new RocketMQError('PROTOCOL_VIOLATION', `${this.parts.listener.place}: ${messageOf(error)}`);
    }
  }

  /** Its work is done: were the message to come again for the store's sake, it would be done twice. */
  async #remember(message: ReceivedMessage): Promise<void> {
    try {
      await this.parts.handled?.add(message);
    } catch (error) {
      const { place } = this.parts.listener;
      this.parts.log.error(`${place}: the idempotency store did not take a message that was handled`, {
        group: this.#group,
        topic: message.topic,
        msgId: message.msgId,
        error: messageOf(error),
      });
    }
  }
}

/** What a pipe found wrong stands in the response of Nest's exceptions; their message says no more than "Bad Request". */
function explained(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('getResponse' in error)) return error;
  const response: unknown = typeof error.getResponse === 'function' ? error.getResponse() : undefined;
  const reasons: unknown = (response as { message?: unknown } | undefined)?.message;
  return Array.isArray(reasons) ? new Error(`${messageOf(error)}: ${reasons.join('; ')}`, { cause: error }) : error;
}
