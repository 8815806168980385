/*
 * A connection that keeps so many requests under way: each reply brings the next request. What a turn of the event loop
 * brings is answered with one write. Prebuilt frames are copied, so that the load costs a fraction of a real client.
 */
import { connect, type Socket } from 'node:net';
import { LatencyHistogram } from '../runner/statistics.js';
import { ReplyHead } from './reply-head.js';

export interface LaneConfig {
  readonly host: string;
  readonly port: number;
}

/** Ids of ten digits, so that JSON frames can be patched in place; far more of them than requests under way. */
const firstOpaque = 1_000_000_000;
const ids = 1 << 16;

/** Counts of all lanes of a process. */
export class Tally {
  readonly latency = new LatencyHistogram();
  messages = 0;
  /** Only what is answered meanwhile counts. */
  isMeasuring = false;
}

/** Writes request of a slot, a place among those under way, and checks what comes back for it. */
export interface Exchange {
  /** Room for one request, bytes. */
  readonly longest: number;
  /** Writes the next request of `slot` at `at` and gives its end; `at` itself when the slot has nothing more to ask. */
  put(out: Buffer, at: number, slot: number, opaque: number): number;
  /**
   * Takes the reply to `slot`'s request, whose frame ends at `end`, and gives how many messages it stands for.
   *
   * @throws Error when it is wrong.
   */
  take(bytes: Buffer, head: ReplyHead, end: number, slot: number): number;
}

export class Lane {
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #head = new ReplyHead();
  readonly #startedAt = new Float64Array(ids);
  readonly #slotOf = new Uint16Array(ids);
  #nextId = 0;
  #underWay = 0;
  #partial: Buffer | undefined;
  #isEnding = false;

  constructor(
    config: LaneConfig,
    readonly exchange: Exchange,
    readonly tally: Tally,
    readonly fail: (error: Error) => void,
    /** Nothing is under way, and no slot had anything to ask. */
    readonly onIdle?: () => void,
  ) {
    this.#socket = connect({ host: config.host, port: config.port, noDelay: true });
    this.#socket.on('data', (chunk) => this.#read(chunk));
    this.#socket.on('error', fail);
    this.closed = new Promise((done) => {
      this.#socket.on('close', () => {
        if (!this.#isEnding || this.#underWay > 0) fail(new Error('the broker closed a connection'));
        done();
      });
    });
  }

  /** Sends the first request of each of so many slots. */
  start(slots: number): void {
    this.send(Array.from({ length: slots }, (_, slot) => slot));
  }

  /** The next request of each of these slots, in one write. */
  send(slots: readonly number[]): void {
    const out = Buffer.allocUnsafe(slots.length * this.exchange.longest);
    const now = performance.now();
    let at = 0;
    for (const slot of slots) {
      const id = this.#nextId;
      const end = this.exchange.put(out, at, slot, firstOpaque + id);
      if (end === at) continue;
      this.#nextId = (id + 1) % ids;
      this.#startedAt[id] = now;
      this.#slotOf[id] = slot;
      this.#underWay++;
      at = end;
    }
    if (at > 0) this.#socket.write(out.subarray(0, at));
    else if (this.#underWay === 0) this.onIdle?.();
  }

  /** No further request; closes when the last reply is there. */
  end(): void {
    this.#isEnding = true;
    if (this.#underWay === 0) this.#socket.end();
  }

  /** Closes without waiting for what is under way: parked requests. */
  abandon(): void {
    this.#isEnding = true;
    this.#underWay = 0;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    const bytes = this.#partial === undefined ? chunk : Buffer.concat([this.#partial, chunk]);
    const now = performance.now();
    const answered: number[] = [];
    let at = 0;
    try {
      while (bytes.length - at >= 4) {
        const end = at + 4 + bytes.readInt32BE(at);
        if (end > bytes.length) break;
        answered.push(this.#take(bytes, at + 4, end, now));
        at = end;
      }
    } catch (error) {
      return this.fail(error as Error);
    }
    this.#partial = at < bytes.length ? bytes.subarray(at) : undefined;
    this.#underWay -= answered.length;
    if (this.#isEnding) {
      if (this.#underWay === 0) this.#socket.end();
    } else if (answered.length > 0) this.send(answered);
  }

  #take(bytes: Buffer, at: number, end: number, now: number): number {
    this.#head.read(bytes, at);
    const id = this.#head.opaque - firstOpaque;
    const startedAt = this.#startedAt[id];
    if (startedAt === undefined || startedAt === 0) throw new Error(`a reply to an id that is not under way: ${id}`);
    this.#startedAt[id] = 0;
    const slot = this.#slotOf[id] as number;
    const messages = this.exchange.take(bytes, this.#head, end, slot);
    if (this.tally.isMeasuring) {
      this.tally.messages += messages;
      this.tally.latency.record((now - startedAt) * 1000);
    }
    return slot;
  }
}

/** @throws Error with the reply's text when its code is not `expected`: a benchmark counts nothing that failed. */
export function expectCode(bytes: Buffer, head: ReplyHead, end: number, expected = 0): void {
  if (head.code === expected) return;
  const text = bytes.toString('latin1', head.headerAt, Math.min(end, head.bodyAt, head.headerAt + 400));
  throw new Error(`the broker answered ${head.code}: ${text}`);
}
