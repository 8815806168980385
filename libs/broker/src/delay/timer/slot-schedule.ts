/*
 * HOT PATH. The messages of one slot in the order of their instants: those of a millisecond are chained in the order in
 * which they were sent, in typed arrays, about 30 bytes a message. Benchmark: delay.
 */

/** A unit of the timer log that is about to be delivered. */
export interface ScheduledUnit {
  readonly deliverTime: number;
  readonly writeTime: number;
  readonly physicalOffset: number;
  readonly size: number;
  readonly isRoll: boolean;
}

const smallest = 64;
const none = -1;

export class SlotSchedule {
  /** Everything that stood in the slot is here. */
  isLoaded = false;
  /** Keys of messages that shall not be delivered. */
  readonly cancelled = new Set<string>();
  private readonly heads: Int32Array;
  private readonly tails: Int32Array;
  /** Milliseconds before it have nothing. */
  private cursor = 0;
  private used = 0;
  private waiting = 0;
  private lastTaken = 0;
  private nextOf = new Int32Array(smallest);
  private sizes = new Int32Array(smallest);
  private offsets = new Float64Array(smallest);
  private writeTimes = new Float64Array(smallest);
  private delays = new Int32Array(smallest);
  private rolls = new Uint8Array(smallest);
  /** Physical offsets of units that stand in the log twice are found by these; only where they are out of order. */
  private lowest = Infinity;
  private highest = -Infinity;
  private known: Set<number> | undefined;

  constructor(
    readonly time: number,
    private readonly precision: number,
    /** Position of the last unit when the slot was opened: what stands up to there is loaded, the rest is pushed. */
    readonly openedAt: number,
  ) {
    this.heads = new Int32Array(precision + 1).fill(none);
    this.tails = new Int32Array(precision + 1).fill(none);
  }

  get count(): number {
    return this.waiting;
  }

  /** One that came later than all that are here. */
  push(unit: ScheduledUnit): void {
    if (this.isKnown(unit.physicalOffset, unit.physicalOffset > this.highest)) return;
    const delay = this.delayOf(unit);
    const place = this.store(unit, delay);
    const tail = this.tails[delay] as number;
    this.nextOf[place] = none;
    if (tail === none) this.heads[delay] = place;
    else this.nextOf[tail] = place;
    this.tails[delay] = place;
  }

  /** One that came earlier than all that are here. */
  unshift(unit: ScheduledUnit): void {
    if (this.isKnown(unit.physicalOffset, unit.physicalOffset < this.lowest)) return;
    this.putFirst(unit);
  }

  /** One that was taken, and is to be taken once more. */
  giveBack(unit: ScheduledUnit): void {
    this.putFirst(unit);
  }

  /** The next one whose instant has come; undefined when there is none. */
  take(now: number): ScheduledUnit | undefined {
    const delay = this.firstDelay();
    if (delay === undefined || this.time + delay > now) return undefined;
    const place = this.heads[delay] as number;
    this.heads[delay] = this.nextOf[place] as number;
    if (this.heads[delay] === none) this.tails[delay] = none;
    this.waiting--;
    this.lastTaken = Math.max(this.lastTaken, this.time + delay);
    return {
      deliverTime: this.time + (this.delays[place] as number),
      writeTime: this.writeTimes[place] as number,
      physicalOffset: this.offsets[place] as number,
      size: this.sizes[place] as number,
      isRoll: this.rolls[place] === 1,
    };
  }

  /** Instant of the next one; undefined when there is none. */
  get nextInstant(): number | undefined {
    const delay = this.firstDelay();
    return delay === undefined ? undefined : this.time + delay;
  }

  /** Instant up to which everything that is here was taken. */
  get doneTo(): number {
    return this.nextInstant === undefined ? this.lastTaken : Math.min(this.lastTaken, this.nextInstant - 1);
  }

  private putFirst(unit: ScheduledUnit): void {
    const delay = this.delayOf(unit);
    const place = this.store(unit, delay);
    this.nextOf[place] = this.heads[delay] as number;
    this.heads[delay] = place;
    if (this.tails[delay] === none) this.tails[delay] = place;
  }

  private firstDelay(): number | undefined {
    const { heads } = this;
    while (this.cursor < heads.length && heads[this.cursor] === none) this.cursor++;
    return this.cursor < heads.length ? this.cursor : undefined;
  }

  private delayOf({ deliverTime }: ScheduledUnit): number {
    return Math.min(Math.max(deliverTime - this.time, 0), this.precision);
  }

  private store(unit: ScheduledUnit, delay: number): number {
    if (this.used === this.sizes.length) this.grow();
    const place = this.used++;
    this.sizes[place] = unit.size;
    this.offsets[place] = unit.physicalOffset;
    this.writeTimes[place] = unit.writeTime;
    this.delays[place] = delay;
    this.rolls[place] = unit.isRoll ? 1 : 0;
    this.cursor = Math.min(this.cursor, delay);
    this.waiting++;
    return place;
  }

  /** The same message twice, after a crash of a broker that puts units in anew: once is enough. */
  private isKnown(physicalOffset: number, isInOrder: boolean): boolean {
    this.lowest = Math.min(this.lowest, physicalOffset);
    this.highest = Math.max(this.highest, physicalOffset);
    if (isInOrder) {
      this.known?.add(physicalOffset);
      return false;
    }
    this.known ??= new Set(this.offsets.subarray(0, this.used));
    if (this.known.has(physicalOffset)) return true;
    this.known.add(physicalOffset);
    return false;
  }

  private grow(): void {
    const size = this.sizes.length * 2;
    this.nextOf = grown(this.nextOf, new Int32Array(size));
    this.sizes = grown(this.sizes, new Int32Array(size));
    this.offsets = grown(this.offsets, new Float64Array(size));
    this.writeTimes = grown(this.writeTimes, new Float64Array(size));
    this.delays = grown(this.delays, new Int32Array(size));
    this.rolls = grown(this.rolls, new Uint8Array(size));
  }
}

function grown<T extends Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer> | Uint8Array<ArrayBuffer>>(
  from: T,
  to: T,
): T {
  to.set(from);
  return to;
}
