import { RocketMQError, type Clock, type Timer } from '../../../common/src/index.js';

interface Limits {
  /** Messages, or batches, under way at once. */
  readonly count: number;
  /** Bytes of their bodies. */
  readonly bytes: number;
}

interface Waiting {
  readonly bytes: number;
  readonly enter: () => void;
  timer: Timer | undefined;
}

/**
 * Lets asynchronous sends through while there is room, the others in their order as room comes. As many may wait as may be
 * under way: a caller who never looks at results must not fill the memory. A send larger than all the room goes alone.
 */
export class AsyncGate {
  #count = 0;
  #bytes = 0;
  /** In the order they came. */
  readonly #waiting = new Set<Waiting>();

  constructor(
    private readonly limits: Limits,
    private readonly clock: Clock,
  ) {}

  /**
   * Calls one of the two, once: `enter` now or later, after which `leave` is due; or `refuse`, when it would be more than
   * `timeout` milliseconds later or too many wait already.
   */
  pass(bytes: number, timeout: number, enter: () => void, refuse: (error: RocketMQError) => void): void {
    if (this.#waiting.size === 0 && this.#hasRoom(bytes)) return this.#enter({ bytes, enter });
    if (this.#waiting.size >= this.limits.count) return refuse(this.#tooMany('and as many wait'));
    const waiting: Waiting = { bytes, enter, timer: undefined };
    waiting.timer = this.clock.after(timeout, () => {
      this.#waiting.delete(waiting);
      refuse(this.#tooMany(`and it stayed so for ${Math.round(timeout)} ms`));
      // It may have been what the others waited behind.
      this.#letIn();
    });
    this.#waiting.add(waiting);
  }

  leave(bytes: number): void {
    this.#count--;
    this.#bytes -= bytes;
    this.#letIn();
  }

  #letIn(): void {
    for (const next of this.#waiting) {
      if (!this.#hasRoom(next.bytes)) return;
      this.#waiting.delete(next);
      next.timer?.cancel();
      this.#enter(next);
    }
  }

  #enter({ bytes, enter }: Pick<Waiting, 'bytes' | 'enter'>): void {
    this.#count++;
    this.#bytes += bytes;
    enter();
  }

  #hasRoom(bytes: number): boolean {
    return this.#count === 0 || (this.#count < this.limits.count && this.#bytes + bytes <= this.limits.bytes);
  }

  #tooMany(detail: string): RocketMQError {
    const text = `${this.#count} asynchronous sends with ${this.#bytes} bytes are under way, ${detail} (backPressureForAsyncSendNum, backPressureForAsyncSendSize)`;
    return new RocketMQError('TOO_MANY_REQUESTS', text);
  }
}
