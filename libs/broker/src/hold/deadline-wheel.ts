import type { Clock, Timer } from '../../../common/src/index.js';

/** Due times are rounded up to this many milliseconds. */
const tick = 100;

/**
 * Very many deadlines with one timer: due times are gathered in slots of 100 ms, so adding and removing cost the same
 * however many there are. Nothing ticks while it is empty.
 */
export class DeadlineWheel<T> {
  private readonly slots = new Map<number, Set<T>>();
  private timer: Timer | undefined;
  private swept: number;

  constructor(
    private readonly clock: Clock,
    private readonly onDue: (item: T) => void,
  ) {
    this.swept = this.slotOf(clock.monotonic());
  }

  /** Returns the slot, for {@link remove}. `delay` is milliseconds from now. */
  add(item: T, delay: number): number {
    const slot = Math.max(this.swept + 1, Math.ceil((this.clock.monotonic() + delay) / tick));
    let items = this.slots.get(slot);
    if (items === undefined) this.slots.set(slot, (items = new Set()));
    items.add(item);
    if (this.timer === undefined) this.start();
    return slot;
  }

  remove(item: T, slot: number): void {
    const items = this.slots.get(slot);
    if (items?.delete(item) && items.size === 0) this.slots.delete(slot);
  }

  close(): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.slots.clear();
  }

  private start(): void {
    this.swept = this.slotOf(this.clock.monotonic());
    this.timer = this.clock.every(tick, () => this.sweep());
  }

  private sweep(): void {
    const now = this.slotOf(this.clock.monotonic());
    while (this.swept < now) {
      const slot = ++this.swept;
      const items = this.slots.get(slot);
      if (items === undefined) continue;
      this.slots.delete(slot);
      for (const item of items) this.onDue(item);
    }
    if (this.slots.size > 0) return;
    this.timer?.cancel();
    this.timer = undefined;
  }

  private slotOf(time: number): number {
    return Math.floor(time / tick);
  }
}
