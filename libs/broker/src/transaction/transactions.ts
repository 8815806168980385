import { messageOf, type Lifecycle, type Timer } from '../../../common/src/index.js';
import { Permission, SystemGroup, SystemTopic } from '../../../protocol/src/index.js';
import type { BrokerParts } from '../parts.js';
import { CheckRequests } from './check-requests.js';
import { HalfCheck, type Positions } from './half-check.js';
import { transactionQueue } from './half-message.js';
import { OpMessages } from './op-messages.js';

type Parts = Pick<
  BrokerParts,
  'config' | 'clock' | 'log' | 'store' | 'stats' | 'topics' | 'offsets' | 'producers' | 'identity'
>;

/** Positions, and where the log ended when they were reached. */
interface Progress {
  readonly positions: Positions;
  readonly logEnd: number;
}

const readWrite = Permission.READ | Permission.WRITE;

/**
 * Transactional messages between their send and their end: every transactionCheckInterval the half messages that have no
 * end yet are looked at. How far that has come are two offsets of a system group, which go into consumerOffset.json only
 * once the disk has the log they were reached with: a power failure may let producers be asked again, and loses nothing.
 */
export class Transactions implements Lifecycle {
  readonly ops: OpMessages;
  private readonly check: HalfCheck;
  private timer: Timer | undefined;
  private checking: Promise<void> | undefined;
  private isClosed = false;
  /** Where the next check begins. */
  private reached: Positions | undefined;
  /** What was put into the table of offsets last. */
  private saved: Positions | undefined;
  /** Waits for the disk to have what it stands on. */
  private unsaved: Progress | undefined;

  constructor(private readonly parts: Parts) {
    this.ops = new OpMessages(parts);
    this.check = new HalfCheck({ ...parts, ops: this.ops, requests: new CheckRequests(parts) });
  }

  start(): Promise<void> {
    this.checkLater();
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.timer?.cancel();
    this.check.close();
    await this.checking;
    await this.ops.close();
  }

  /** The last word, once the store has closed and flushed its log. */
  async saveLast(): Promise<void> {
    this.unsaved = undefined;
    this.save();
    await this.parts.offsets.save();
  }

  private checkLater(): void {
    if (this.isClosed) return;
    this.timer = this.parts.clock.after(this.parts.config.transactionCheckInterval, () => {
      this.checking = this.runCheck().finally(() => this.checkLater());
    });
  }

  /** Never rejects: what failed is tried again with the next check. */
  private async runCheck(): Promise<void> {
    const { log, topics } = this.parts;
    try {
      const from = this.from();
      this.save();
      // 5.x has it from the start, 4.9 since its first check.
      topics.createIfAbsent(SystemTopic.TRANS_HALF, 1, readWrite, 0);
      this.reached = await this.check.run(from);
      this.save();
      log.debug('half messages were checked', { ...this.reached, halvesBefore: from.half });
    } catch (error) {
      log.error('transactions could not be checked', { error: messageOf(error) });
    }
  }

  /** Where the last check ended, unless an operator set the offsets. */
  private from(): Positions {
    const table = { half: this.committed(SystemTopic.TRANS_HALF), op: this.committed(SystemTopic.TRANS_OP_HALF) };
    const { saved, reached } = this;
    if (reached === undefined || table.half !== saved?.half || table.op !== saved.op) {
      this.saved = table;
      this.reached = this.unsaved = undefined;
      return table;
    }
    return reached;
  }

  private committed(topic: string): number {
    const { offsets, store } = this.parts;
    const known = offsets.get(SystemGroup.TRANS, topic, transactionQueue);
    return known ?? store.minOffset(topic, transactionQueue);
  }

  private save(): void {
    const { offsets, store } = this.parts;
    const { flushedOffset, commitLogMaxOffset } = store.figures();
    if (this.reached === undefined) return;
    this.unsaved ??= { positions: this.reached, logEnd: commitLogMaxOffset };
    const { positions, logEnd } = this.unsaved;
    if (logEnd > flushedOffset) return;
    this.unsaved = undefined;
    if (positions.half !== this.saved?.half) this.commit(offsets, SystemTopic.TRANS_HALF, positions.half);
    if (positions.op !== this.saved?.op) this.commit(offsets, SystemTopic.TRANS_OP_HALF, positions.op);
    this.saved = positions;
  }

  private commit(offsets: Parts['offsets'], topic: string, offset: number): void {
    offsets.commit(SystemGroup.TRANS, topic, transactionQueue, offset);
  }
}
