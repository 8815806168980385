import { RocketMQError, type Clock, type Timer } from '../../common/src/index.js';
import type { Command } from '../../protocol/src/index.js';

/** A call that waits for its response. */
export interface PendingCall {
  /** Apache's constant name of the request, for messages. */
  readonly name: string;
  /** Milliseconds. */
  readonly timeout: number;
  /** On the monotonic clock. */
  readonly deadline: number;
  succeed(response: Command): void;
  fail(error: unknown): void;
}

/**
 * Calls under way on one connection, by opaque id. Bounded, and with one timer for all: it is set to the earliest
 * deadline, and calls that are answered in time never touch it.
 */
export class InFlightTable {
  private readonly calls = new Map<number, PendingCall>();
  private lastOpaque = 0;
  private timer: Timer | undefined;
  private timerDue = Infinity;

  constructor(
    private readonly clock: Clock,
    private readonly limit: number,
    private readonly address: string,
  ) {}

  get size(): number {
    return this.calls.size;
  }

  /** @throws RocketMQError TOO_MANY_REQUESTS */
  checkRoom(name: string): void {
    if (this.calls.size < this.limit) return;
    throw new RocketMQError('TOO_MANY_REQUESTS', `${name} to ${this.address}: ${this.limit} calls are under way`);
  }

  /** An id that no call under way has. */
  nextOpaque(): number {
    do this.lastOpaque = (this.lastOpaque + 1) & 0x7fffffff;
    while (this.calls.has(this.lastOpaque));
    return this.lastOpaque;
  }

  add(opaque: number, call: PendingCall): void {
    this.calls.set(opaque, call);
    if (call.deadline < this.timerDue) this.setTimer(call.deadline);
  }

  /** The call a response belongs to; undefined when it came too late or was never asked for. */
  take(opaque: number): PendingCall | undefined {
    const call = this.calls.get(opaque);
    if (call !== undefined) this.calls.delete(opaque);
    return call;
  }

  /** Ends every call with `error`. */
  failAll(error: RocketMQError): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.timerDue = Infinity;
    const calls = [...this.calls.values()];
    this.calls.clear();
    for (const call of calls) call.fail(error);
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
    for (const [opaque, call] of this.calls) {
      // Real timers may fire a fraction of a millisecond early.
      if (call.deadline <= now + 1) {
        this.calls.delete(opaque);
        late.push(call);
      } else earliest = Math.min(earliest, call.deadline);
    }
    if (earliest < Infinity) this.setTimer(earliest);
    for (const call of late) {
      const text = `${call.name} to ${this.address}: no answer within ${call.timeout} ms`;
      call.fail(new RocketMQError('TIMEOUT', text));
    }
  }
}
