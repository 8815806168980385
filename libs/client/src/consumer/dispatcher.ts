import { isThenable, type Clock, type Timer } from '../../../common/src/index.js';
import type { MessageHandler } from '../contract/index.js';
import { Fifo } from '../fifo.js';
import type { HeldQueue } from './held-queue.js';
import type { Batch } from './process-queue.js';

interface Parts {
  readonly clock: Clock;
  readonly handler: MessageHandler;
  /** Handlers running at once. */
  readonly concurrency: number;
  readonly batchSize: number;
  /** Milliseconds until a failed batch comes again. */
  readonly redeliveryDelay: number;
  /** The batch is done with: `failure` is what the handler threw, undefined when it was consumed. */
  readonly onHandled: (
    held: HeldQueue,
    batch: Batch,
    duration: number,
    failure: { error: unknown } | undefined,
  ) => void;
}

interface Redelivery {
  readonly held: HeldQueue;
  readonly batch: Batch;
  readonly due: number;
}

/** Handlers that return at once are run this many in a row before sockets get their turn. */
const handlersPerTurn = 64;

/**
 * Runs handlers for all queues of one consumer, `concurrency` at once. Queues with waiting messages stand in a line and
 * go to its end after each batch, so that a full queue does not starve the others.
 *
 * A handler that fails gets its batch again after `redeliveryDelay`, for as long as the queue is held; until then its
 * messages count as not done, which holds back the offset to commit and, in time, the pulls.
 */
export class Dispatcher {
  readonly #ready = new Fifo<HeldQueue>();
  readonly #inLine = new Set<HeldQueue>();
  readonly #again = new Fifo<{ held: HeldQueue; batch: Batch }>();
  // One delay for all: they fall due in the order they come.
  readonly #later = new Fifo<Redelivery>();
  #timer: Timer | undefined;
  #running = 0;
  #pumping = false;
  #stopped = false;
  #onIdle: (() => void)[] = [];

  constructor(private readonly parts: Parts) {}

  /** Handlers under way. */
  get running(): number {
    return this.#running;
  }

  /** The queue may have messages waiting. */
  offer(held: HeldQueue): void {
    if (this.#stopped || held.released || held.messages.waiting === 0) return;
    if (!this.#inLine.has(held)) {
      this.#inLine.add(held);
      this.#ready.push(held);
    }
    this.#pump();
  }

  /** No handler is started any more. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#ready.clear();
    this.#again.clear();
    this.#later.clear();
  }

  /** Resolves when no handler is under way. */
  idle(): Promise<void> {
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    for (let started = 0; this.#running < this.parts.concurrency && !this.#stopped; started++) {
      if (started === handlersPerTurn) {
        setImmediate(() => this.#pump());
        break;
      }
      const next = this.#next();
      if (next === undefined) break;
      this.#run(next.held, next.batch);
    }
    this.#pumping = false;
  }

  #next(): { held: HeldQueue; batch: Batch } | undefined {
    for (let again = this.#again.shift(); again !== undefined; again = this.#again.shift()) {
      if (!again.held.released) return again;
    }
    for (let held = this.#ready.shift(); held !== undefined; held = this.#ready.shift()) {
      this.#inLine.delete(held);
      const batch = held.released ? undefined : held.messages.take(this.parts.batchSize);
      if (batch === undefined) continue;
      if (held.messages.waiting > 0) {
        this.#inLine.add(held);
        this.#ready.push(held);
      }
      return { held, batch };
    }
    return undefined;
  }

  #run(held: HeldQueue, batch: Batch): void {
    this.#running++;
    const startedAt = this.parts.clock.monotonic();
    const settle = (failure: { error: unknown } | undefined): void => {
      this.#running--;
      this.#settle(held, batch, this.parts.clock.monotonic() - startedAt, failure);
    };
    let outcome: void | Promise<void>;
    try {
      outcome = this.parts.handler(batch.messages, held.context);
    } catch (error) {
      settle({ error });
      return;
    }
    if (!isThenable(outcome)) settle(undefined);
    else {
      outcome.then(
        () => settle(undefined),
        (error: unknown) => settle({ error }),
      );
    }
  }

  #settle(held: HeldQueue, batch: Batch, duration: number, failure: { error: unknown } | undefined): void {
    if (!held.released) {
      if (failure === undefined) held.messages.finish(batch);
      else this.#deliverLater(held, batch);
      held.lastConsumeTimestamp = this.parts.clock.now();
      held.changed();
    }
    this.parts.onHandled(held, batch, duration, failure);
    if (this.#running === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
    this.#pump();
  }

  #deliverLater(held: HeldQueue, batch: Batch): void {
    if (this.#stopped) return;
    for (const message of batch.messages) message.reconsumeTimes++;
    const due = this.parts.clock.monotonic() + this.parts.redeliveryDelay;
    this.#later.push({ held, batch: { ...batch, failures: batch.failures + 1 }, due });
    this.#timer ??= this.#wakeAt(due);
  }

  #wakeAt(due: number): Timer {
    return this.parts.clock.after(Math.max(0, due - this.parts.clock.monotonic()), () => this.#deliverDue());
  }

  #deliverDue(): void {
    const now = this.parts.clock.monotonic();
    this.#timer = undefined;
    for (let next = this.#later.peek(); next !== undefined; next = this.#later.peek()) {
      if (next.due > now) {
        this.#timer = this.#wakeAt(next.due);
        break;
      }
      this.#later.shift();
      this.#again.push(next);
    }
    this.#pump();
  }
}
