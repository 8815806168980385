/*
 * HOT PATH (every call of ours). A call and its reply each touch one slot of an array; nothing is allocated, searched or
 * timed for them. Benchmarks: template, listener.
 */
import { RocketMQError, type Clock, type Timer } from '../../common/src/index.js';
import type { PendingCall } from './pending-call.js';

const fewestSlots = 64;
/** Slots that are looked through in a millisecond at most, when calls that time out keep coming. */
const slotsPerMillisecond = 4096;

/**
 * Calls under way on one connection, by opaque id. Ids are given in order, so that calls lie side by side in a ring: slot =
 * id modulo the ring's length. An id whose slot still belongs to an older call is passed over.
 *
 * Bounded, and with one timer for all: it is set to the earliest deadline, and calls that are answered in time never touch
 * it.
 */
export class InFlightTable {
  private slots: (PendingCall | undefined)[] = emptySlots(fewestSlots);
  private count = 0;
  private lastOpaque = 0;
  private timer: Timer | undefined;
  private timerDue = Infinity;

  constructor(
    private readonly clock: Clock,
    private readonly limit: number,
    private readonly address: string,
  ) {}

  get size(): number {
    return this.count;
  }

  /** @throws RocketMQError TOO_MANY_REQUESTS */
  checkRoom(name: string): void {
    if (this.count < this.limit) return;
    throw new RocketMQError('TOO_MANY_REQUESTS', `${name} to ${this.address}: ${this.limit} calls are under way`);
  }

  /** An id that no call under way has. */
  nextOpaque(): number {
    const mask = this.slots.length - 1;
    do this.lastOpaque = (this.lastOpaque + 1) & 0x7fffffff;
    while (this.slots[this.lastOpaque & mask] !== undefined);
    return this.lastOpaque;
  }

  add(call: PendingCall): void {
    this.slots[call.opaque & (this.slots.length - 1)] = call;
    // At most half full: then a free slot is near.
    if (++this.count * 2 > this.slots.length) this.grow();
    if (call.deadline < this.timerDue) this.setTimer(call.deadline);
  }

  /** The call a response belongs to; undefined when it came too late or was never asked for. */
  get(opaque: number): PendingCall | undefined {
    const call = this.slots[opaque & (this.slots.length - 1)];
    return call !== undefined && call.opaque === opaque ? call : undefined;
  }

  /** As `get`; it is under way no longer. */
  take(opaque: number): PendingCall | undefined {
    const call = this.get(opaque);
    if (call === undefined) return undefined;
    this.slots[opaque & (this.slots.length - 1)] = undefined;
    this.count--;
    return call;
  }

  /** Ends every call with `error`. */
  failAll(error: RocketMQError): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.timerDue = Infinity;
    const calls = this.slots.filter((call) => call !== undefined);
    this.slots = emptySlots(fewestSlots);
    this.count = 0;
    for (const call of calls) call.fail(error);
  }

  private grow(): void {
    const larger = emptySlots(this.slots.length * 2);
    for (const call of this.slots) if (call !== undefined) larger[call.opaque & (larger.length - 1)] = call;
    this.slots = larger;
  }

  private setTimer(due: number): void {
    this.timer?.cancel();
    this.timerDue = due;
    this.timer = this.clock.after(Math.max(0, due - this.clock.monotonic()), () => this.expire());
  }

  private expire(): void {
    this.timer = undefined;
    this.timerDue = Infinity;
    const now = this.clock.monotonic();
    let earliest = Infinity;
    const late: PendingCall[] = [];
    for (const call of this.slots) {
      if (call === undefined) continue;
      // Real timers may fire a fraction of a millisecond early.
      if (call.deadline <= now + 1) late.push(call);
      else earliest = Math.min(earliest, call.deadline);
    }
    for (const call of late) this.take(call.opaque);
    // Tens of thousands of calls to a peer that is silent would each ask for a look at all the others.
    if (earliest < Infinity)
      this.setTimer(Math.max(earliest, now + Math.floor(this.slots.length / slotsPerMillisecond)));
    for (const call of late) {
      const text = `${call.declaration.name} to ${this.address}: no answer within ${call.timeout} ms`;
      call.fail(new RocketMQError('TIMEOUT', text));
    }
  }
}

function emptySlots(length: number): (PendingCall | undefined)[] {
  return Array.from({ length }, () => undefined);
}
