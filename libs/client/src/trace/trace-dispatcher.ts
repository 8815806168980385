import { messageOf, type Clock, type Logger, type Timer } from '../../../common/src/index.js';
import { keySeparator } from '../../../protocol/src/message/index.js';
import type { Producer } from '../contract/index.js';
import { ThrottledLog } from '../throttled-log.js';
import { encodeTrace, traceKeys, type TraceRecord } from './trace-record.js';

/** Records that wait to be sent; more are dropped, and counted. */
const mostWaiting = 2_048;
/** So many are sent at once, and so long after the last ones at the latest. */
const batchSize = 20;
const flushInterval = 5_000;
/** Of the body of a trace message; the last record may go beyond. */
const bodyLimit = 128_000;

/** Whose traces it brings. */
export interface TraceOwner {
  readonly group: string;
  readonly type: 'PRODUCE' | 'CONSUME';
  readonly topic: string;
}

interface Parts {
  /** One of its own, which is not traced itself. */
  readonly producer: Pick<Producer, 'start' | 'sendAsync' | 'close'>;
  readonly topic: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Brings what was traced to the trace topic, a few records a message. Never in the way: nothing waits for it, and what it
 * cannot send is lost, with a line in the log.
 */
export class TraceDispatcher {
  #waiting: TraceRecord[] = [];
  #dropped = 0;
  #timer: Timer | undefined;
  readonly #warnings: ThrottledLog;

  constructor(private readonly parts: Parts) {
    this.#warnings = new ThrottledLog(parts.clock, parts.log);
  }

  /** Topic of the messages it makes: they are not traced. */
  get topic(): string {
    return this.parts.topic;
  }

  start(): Promise<void> {
    return this.parts.producer.start();
  }

  add(record: TraceRecord): void {
    if (this.#waiting.length >= mostWaiting) {
      this.#dropped++;
      this.#warnings.warn('traces are dropped: they come faster than they are sent', () => ({
        topic: this.parts.topic,
        dropped: this.#dropped,
      }));
      return;
    }
    this.#waiting.push(record);
    if (this.#waiting.length >= batchSize) this.#sendSoon(0);
    else this.#sendSoon(flushInterval);
  }

  /** Sends what waits, and ends when that is done, well or not. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    this.#send();
    await this.parts.producer.close();
  }

  #sendSoon(delay: number): void {
    if (this.#timer !== undefined && delay > 0) return;
    if (delay === 0 && this.#waiting.length > batchSize) return;
    this.#timer?.cancel();
    this.#timer = this.parts.clock.after(delay, () => this.#send());
  }

  #send(): void {
    this.#timer = undefined;
    const records = this.#waiting;
    this.#waiting = [];
    // As in Java: those of one topic together.
    const byTopic = new Map<string, TraceRecord[]>();
    for (const record of records) {
      const others = byTopic.get(record.topic);
      if (others === undefined) byTopic.set(record.topic, [record]);
      else others.push(record);
    }
    for (const own of byTopic.values()) for (const batch of batchesOf(own)) this.#sendBatch(batch);
  }

  #sendBatch(batch: TraceBatch): void {
    const { producer, topic } = this.parts;
    const keys = [...batch.keys].join(keySeparator);
    const failed = (error: unknown): void =>
      this.#warnings.warn('traces were not stored', () => ({ topic, error: messageOf(error) }));
    producer.sendAsync({ topic, body: batch.body, keys }, { onSuccess: () => undefined, onException: failed });
  }
}

interface TraceBatch {
  readonly body: string;
  readonly keys: ReadonlySet<string>;
}

function batchesOf(records: readonly TraceRecord[]): TraceBatch[] {
  const batches: TraceBatch[] = [];
  let body = '';
  let keys = new Set<string>();
  const close = (): void => {
    if (body !== '') batches.push({ body, keys });
    body = '';
    keys = new Set();
  };
  records.forEach((record, i) => {
    body += encodeTrace(record);
    for (const key of traceKeys(record)) keys.add(key);
    if (body.length >= bodyLimit || (i + 1) % batchSize === 0) close();
  });
  close();
  return batches;
}
