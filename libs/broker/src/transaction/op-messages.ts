import type { Timer } from '../../../common/src/index.js';
import { encodeProperties, MessageProperty, SystemTopic, tagsCode } from '../../../protocol/src/index.js';
import type { AppendMessage, AppendResult } from '../../../store/src/index.js';
import { isStored } from '../appending.js';
import type { BrokerParts } from '../parts.js';
import { transactionQueue } from './half-message.js';

type Parts = Pick<BrokerParts, 'config' | 'clock' | 'log' | 'store' | 'stats' | 'identity'>;

/** Ending: whatever it came to is on its way into the log. Ended: the log has it, the op message is still to be written. */
export type HalfEnd = 'ending' | 'ended';

/** Tag of op messages: the half messages named in the body are done with. */
export const doneTag = 'd';
const separator = ',';

/** Ends that may wait for their op message: only a store that refuses writes lets them grow. */
const mostEnds = 100_000;
const retryInterval = 1000;

/**
 * Writes down which half messages are done with. A broker of 4.9 writes a message for each; one of 5.x gathers offsets for
 * transactionOpBatchInterval, or until they are transactionOpMsgMaxSize bytes. What is lost with a crash is asked about
 * again: an op message comes later in the log than what was committed, so the log never has the one without the other.
 */
export class OpMessages {
  private readonly ends = new Map<number, HalfEnd>();
  /** Queue offsets of half messages, in the order in which they ended. */
  private waiting: number[] = [];
  private waitingBytes = 0;
  private timer: Timer | undefined;
  private readonly writing = new Set<Promise<void>>();
  private readonly since5: boolean;

  constructor(private readonly parts: Parts) {
    this.since5 = parts.config.brokerVersion !== 'V4_9_7';
  }

  get isFull(): boolean {
    return this.ends.size >= mostEnds;
  }

  /** What is known here, and not from the op topic, of the half message at this queue offset. */
  endOf(offset: number): HalfEnd | undefined {
    return this.ends.get(offset);
  }

  begin(offset: number): void {
    this.ends.set(offset, 'ending');
  }

  /** It could not be stored. */
  abandon(offset: number): void {
    this.ends.delete(offset);
  }

  ended(offset: number): void {
    this.ends.set(offset, 'ended');
    this.waiting.push(offset);
    this.waitingBytes += String(offset).length + separator.length;
    const { transactionOpMsgMaxSize, transactionOpBatchInterval } = this.parts.config;
    if (!this.since5 || this.waitingBytes >= transactionOpMsgMaxSize) this.write();
    else this.writeAfter(transactionOpBatchInterval);
  }

  /** Resolves when nothing waits any more, or what does was refused by the store. */
  async flush(): Promise<void> {
    this.write();
    await Promise.all(this.writing);
  }

  async close(): Promise<void> {
    await this.flush();
    this.timer?.cancel();
  }

  private writeAfter(delay: number): void {
    this.timer ??= this.parts.clock.after(delay, () => {
      this.timer = undefined;
      this.write();
    });
  }

  private write(): void {
    this.timer?.cancel();
    this.timer = undefined;
    const offsets = this.waiting;
    this.waiting = [];
    this.waitingBytes = 0;
    const { transactionOpMsgMaxSize } = this.parts.config;
    for (let from = 0; from < offsets.length;) {
      let body = '';
      let to = from;
      while (to < offsets.length && (to === from || (this.since5 && body.length < transactionOpMsgMaxSize))) {
        body += `${offsets[to++]}${this.since5 ? separator : ''}`;
      }
      this.append(body, offsets.slice(from, to));
      from = to;
    }
  }

  private append(body: string, offsets: readonly number[]): void {
    const { store, stats, log } = this.parts;
    const message = this.messageOf(body);
    const written = new Promise<void>((resolve) => {
      store.append(message, (result: AppendResult) => {
        const { status, reason, bytes, elapsed } = result;
        if (isStored(result)) {
          // Java counts them since 5.0.
          if (this.since5) stats.stored(message.topic, 1, bytes, elapsed);
          for (const offset of offsets) this.ends.delete(offset);
        } else {
          log.error('ends of transactions could not be written, it is tried again', {
            halves: offsets.length,
            status,
            reason,
          });
          this.waiting.push(...offsets);
          this.writeAfter(retryInterval);
        }
        resolve();
      });
    });
    this.writing.add(written);
    void written.then(() => this.writing.delete(written));
  }

  private messageOf(body: string): AppendMessage {
    const { clock, identity } = this.parts;
    const properties = encodeProperties([
      [MessageProperty.TAGS, doneTag],
      [MessageProperty.WAIT, 'true'],
    ]);
    return {
      topic: SystemTopic.TRANS_OP_HALF,
      queueId: transactionQueue,
      flag: 0,
      sysFlag: 0,
      bornTimestamp: clock.now(),
      bornHost: identity.storeHost,
      storeHost: identity.storeHost,
      reconsumeTimes: 0,
      preparedTransactionOffset: 0,
      body: Buffer.from(body),
      properties: this.since5 ? properties : properties.slice(0, -1),
      tagsCode: tagsCode(doneTag),
      waitForFlush: false,
    };
  }
}

/** The half messages that an op message names: one (4.9), or each followed by a comma (5.1 and later). */
export function halvesOf(body: Buffer): number[] {
  const texts = body.toString('latin1').split(separator);
  return texts.filter((text) => /^\d{1,15}$/.test(text)).map(Number);
}
