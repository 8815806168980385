import { isThenable, RocketMQError, type Clock, type Timer } from '../../../common/src/index.js';
import type { MessageHandler } from '../contract/index.js';
import { Fifo } from '../fifo.js';
import { ActiveHandlers } from './active-handlers.js';
import type { ConsumeHooks, Outcome } from './consume-hooks.js';
import type { FailureRule, Verdict } from './failure-rule.js';
import { HandlerCall } from './handler-call.js';
import type { HeldQueue } from './held-queue.js';
import type { PulledMessage } from './pulled-message.js';

interface Parts {
  readonly clock: Clock;
  readonly handler: MessageHandler;
  /** Handlers running at once. */
  readonly concurrency: number;
  /** Handlers of one queue running at once. */
  readonly concurrencyPerQueue: number;
  readonly batchSize: number;
  /** True: one batch of a queue at a time, and no other before it is done with. */
  readonly orderly: boolean;
  /** Milliseconds after which a handler has run too long. */
  readonly consumeTimeout: number;
  /** Whether messages of the queue may be handed out now. */
  readonly mayRun: (held: HeldQueue, now: number) => boolean;
  readonly onFailure: FailureRule;
  readonly hooks: ConsumeHooks | undefined;
  /** A handler has ended, or is not waited for any more. `failure` is what it threw. */
  readonly onHandled: (call: HandlerCall, consumed: number, duration: number, failure: Outcome) => void;
  /** Messages are done with: the offset to commit may have moved. */
  readonly onDone: (held: HeldQueue) => void;
  /** Something is wrong with the handlers, which an operator should know. */
  readonly onProblem: (message: string, call: HandlerCall) => void;
}

/** Handlers that return at once are run this many in a row before sockets get their turn. */
const handlersPerTurn = 64;
/** How often handlers that run too long are looked for, milliseconds. */
const overdueInterval = 1_000;
/** Java's, for messages whose handler ran too long. */
const timeoutDelayLevel = 3;
const succeeded: Outcome = undefined;
const none: readonly PulledMessage[] = [];

/**
 * Runs handlers for all queues of one consumer, `concurrency` at once. Queues with waiting messages stand in a line and
 * go to its end after each batch, so that a full queue does not starve the others. What a handler does not consume goes
 * by the failure rule; until that is done, its messages hold back the offset to commit and, in time, the pulls.
 *
 * A concurrent handler that runs too long is given up: its slot is free again and its messages go by the failure rule.
 * An orderly one keeps its queue, because nothing may overtake it.
 */
export class Dispatcher {
  readonly #ready = new Fifo<HeldQueue>();
  readonly #active = new ActiveHandlers();
  readonly #pauses = new Set<Timer>();
  #overdue: Timer | undefined;
  /** When a handler last consumed a message, milliseconds since the epoch. */
  lastConsumed: number | undefined;
  #concurrency: number;
  #running = 0;
  #pumping = false;
  #stopped = false;
  #onIdle: (() => void)[] = [];

  constructor(private readonly parts: Parts) {
    this.#concurrency = parts.concurrency;
  }

  /** Handlers under way, and failures being dealt with. */
  get running(): number {
    return this.#running;
  }

  get concurrency(): number {
    return this.#concurrency;
  }

  /** What keeps messages from being handled; undefined when nothing does. */
  get problem(): RocketMQError | undefined {
    const { abandoned } = this.#active;
    if (abandoned < this.#concurrency) return undefined;
    return new RocketMQError(
      'HANDLERS_STUCK',
      `${abandoned} handlers have not ended within consumeTimeout, as many as may run at once; none is started until one of them ends`,
    );
  }

  /** Live; handlers under way are not stopped. */
  set concurrency(value: number) {
    this.#concurrency = value;
    this.#pump();
  }

  start(): void {
    this.#overdue ??= this.parts.clock.every(overdueInterval, () => this.#lookForOverdue());
  }

  /** The queue may have messages waiting. */
  offer(held: HeldQueue): void {
    this.#lineUp(held);
    this.#pump();
  }

  /** No handler is started any more. */
  stop(): void {
    this.#stopped = true;
    for (const timer of this.#pauses) timer.cancel();
    this.#pauses.clear();
    this.#ready.clear();
  }

  /** Nothing is waited for any more. */
  close(): void {
    this.stop();
    this.#overdue?.cancel();
  }

  /** Tells handlers under way, of one queue or all, to come to an end. What they finish still counts. */
  interrupt(reason: Error, held?: HeldQueue): void {
    this.#active.interrupt(reason, held);
  }

  /** Resolves when no handler is under way. */
  idle(): Promise<void> {
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  /** The handlers that are running, as text. */
  describe(): string {
    return this.#active.describe(this.parts.clock.monotonic());
  }

  #lineUp(held: HeldQueue): void {
    if (this.#stopped || held.inLine || held.busy || held.released || held.messages.waiting === 0) return;
    if (held.handlers >= this.parts.concurrencyPerQueue) return;
    held.inLine = true;
    this.#ready.push(held);
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    for (let started = 0; this.#hasSlot(); started++) {
      if (started === handlersPerTurn) {
        setImmediate(() => this.#pump());
        break;
      }
      const call = this.#next();
      if (call === undefined) break;
      this.#run(call);
    }
    this.#pumping = false;
  }

  #hasSlot(): boolean {
    return !this.#stopped && this.#running < this.#concurrency && this.#active.abandoned < this.#concurrency;
  }

  #next(): HandlerCall | undefined {
    const { batchSize, orderly, mayRun, clock } = this.parts;
    for (let held = this.#ready.shift(); held !== undefined; held = this.#ready.shift()) {
      held.inLine = false;
      const now = clock.monotonic();
      if (held.released || !mayRun(held, now)) continue;
      const messages = held.messages.take(batchSize);
      if (messages === undefined) continue;
      held.busy = orderly;
      held.handlerStarted();
      this.#lineUp(held);
      return new HandlerCall(held, messages, now);
    }
    return undefined;
  }

  #run(call: HandlerCall): void {
    this.#running++;
    let outcome: void | Promise<void>;
    try {
      this.parts.hooks?.before(call);
      outcome = this.parts.handler(call.messages, call);
    } catch (error) {
      return this.#ended(call, { error });
    }
    if (!isThenable(outcome)) return this.#ended(call, succeeded);
    this.#active.add(call);
    outcome.then(
      () => this.#ended(call, succeeded),
      (error: unknown) => this.#ended(call, { error }),
    );
  }

  #ended(call: HandlerCall, failure: Outcome): void {
    this.#active.delete(call);
    // A late result is no result; but there may be room for others now.
    if (call.abandoned) return this.#pump();
    this.#settle(call, failure);
  }

  #settle(call: HandlerCall, failure: Outcome): void {
    if (call.messageDelayLevels !== undefined && !call.abandoned) return this.#settleEach(call, failure);
    const { messages } = call;
    // There is no part of an ordered batch that may go before the rest of it.
    const consumed = failure !== succeeded ? 0 : this.parts.orderly ? messages.length : call.acknowledged;
    if (consumed === messages.length) return this.#conclude(call, failure, messages, none);
    if (consumed === 0) return this.#conclude(call, failure, none, messages);
    this.#conclude(call, failure, messages.slice(0, consumed), messages.slice(consumed));
  }

  /** The handler said of each message what becomes of it. */
  #settleEach(call: HandlerCall, failure: Outcome): void {
    const { messages } = call;
    if (!this.parts.orderly) {
      const consumed = messages.filter((_, i) => call.isConsumed(i));
      const failed = messages.filter((_, i) => !call.isConsumed(i));
      return this.#conclude(call, failure, consumed, failed);
    }
    const first = messages.findIndex((_, i) => !call.isConsumed(i));
    if (first === -1) return this.#conclude(call, failure, messages, none);
    this.#conclude(call, failure, messages.slice(0, first), messages.slice(first));
  }

  #conclude(
    call: HandlerCall,
    failure: Outcome,
    consumed: readonly PulledMessage[],
    failed: readonly PulledMessage[],
  ): void {
    const { held } = call;
    const { clock, hooks, onHandled, onFailure } = this.parts;
    const duration = clock.monotonic() - call.startedAt;
    hooks?.after(call, consumed.length, duration, failure);
    const now = clock.now();
    held.lastConsumeTimestamp = now;
    if (consumed.length > 0) this.lastConsumed = now;
    onHandled(call, consumed.length, duration, failure);
    if (held.disowned) return this.#free(held);
    if (consumed.length > 0) this.#finish(held, consumed);
    if (failed.length === 0) return this.#free(held);
    const verdict = onFailure(failed, call);
    if (!isThenable(verdict)) this.#judge(held, verdict);
    else void verdict.then((later) => this.#judge(held, later));
  }

  #finish(held: HeldQueue, messages: readonly PulledMessage[]): void {
    held.messages.finish(messages);
    this.parts.onDone(held);
    held.changed();
  }

  #judge(held: HeldQueue, { done, again, delay }: Verdict): void {
    if (!held.disowned) {
      if (done.length > 0) this.#finish(held, done);
      if (again.length > 0 && !held.released && !this.#stopped) return this.#repeatLater(held, again, delay);
    }
    this.#free(held);
  }

  #repeatLater(held: HeldQueue, messages: readonly PulledMessage[], delay: number): void {
    for (const message of messages) message.reconsumeTimes++;
    const timer = this.parts.clock.after(delay, () => {
      this.#pauses.delete(timer);
      held.messages.putBack(messages);
      held.busy = false;
      this.offer(held);
    });
    this.#pauses.add(timer);
    this.#freeSlot(held);
  }

  #free(held: HeldQueue): void {
    held.busy = false;
    this.#freeSlot(held);
  }

  #freeSlot(held: HeldQueue): void {
    this.#running--;
    held.handlerEnded();
    this.#lineUp(held);
    if (this.#running === 0 && this.#onIdle.length > 0) for (const resolve of this.#onIdle.splice(0)) resolve();
    this.#pump();
  }

  #lookForOverdue(): void {
    const { clock, consumeTimeout, orderly } = this.parts;
    for (const call of this.#active.newlyOverdue(clock.monotonic() - consumeTimeout)) {
      call.overdue = true;
      if (orderly) this.parts.onProblem('handler has not ended within consumeTimeout; it keeps its queue', call);
      else this.#abandon(call);
    }
  }

  #abandon(call: HandlerCall): void {
    const minutes = this.parts.consumeTimeout / 60_000;
    const reason = new RocketMQError('TIMEOUT', `The handler has not ended within consumeTimeout (${minutes} minutes)`);
    this.#active.abandon(call);
    this.parts.onProblem('handler has not ended within consumeTimeout; its messages come again', call);
    call.delayLevelWhenNextConsume = timeoutDelayLevel;
    call.interrupt(reason);
    this.#settle(call, { error: reason });
    const { problem } = this;
    if (problem !== undefined) this.parts.onProblem(problem.message, call);
  }
}
