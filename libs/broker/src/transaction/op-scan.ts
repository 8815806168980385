import { messageOf, type Logger } from '../../../common/src/index.js';
import { decodeMessage, MessageProperty, propertyOf, SystemTopic } from '../../../protocol/src/index.js';
import type { MessageStore, QueueUnit } from '../../../store/src/index.js';
import { transactionQueue } from './half-message.js';
import { doneTag, halvesOf } from './op-messages.js';
import { QueueWalk } from './queue-walk.js';

/** Half messages known of at once. Beyond that nothing more is read, and what is not known is asked about once more. */
const mostKnown = 1_000_000;

/**
 * The op queue as one check reads it, as far as it needs to: ops come about in the order of their half messages, so
 * little is known at a time unless a half message has no op.
 */
export class OpScan {
  /** Half message -> op message that says it is done; -1 for one that the check began behind. */
  private readonly opOf = new Map<number, number>();
  /** Op message -> how many of its half messages the check has not come to. In the order of the queue. */
  private readonly open = new Map<number, number>();
  private readonly walk: QueueWalk;
  /** The queue has entries that cannot be read now. */
  private isStuck = false;

  /** @param firstHalf where the check begins */
  constructor(
    private readonly parts: { readonly store: MessageStore; readonly log: Logger },
    from: number,
    private readonly firstHalf: number,
    private readonly limit = mostKnown,
  ) {
    this.walk = new QueueWalk(parts, SystemTopic.TRANS_OP_HALF, from);
  }

  /** Nothing more can be learnt now. */
  get isAtEnd(): boolean {
    return this.isStuck || this.walk.isAtEnd || this.opOf.size >= this.limit;
  }

  isDone(half: number): boolean {
    return this.opOf.has(half);
  }

  /** Reads on until it knows that this one is done, or to the end. */
  async readUntil(half: number): Promise<boolean> {
    while (!this.isDone(half)) {
      if (this.isAtEnd) return false;
      await this.readMore();
    }
    return true;
  }

  /** The check goes on behind a half message. */
  passed(half: number): void {
    const op = this.opOf.get(half);
    const left = op === undefined ? undefined : this.open.get(op);
    if (op === undefined || left === undefined) return;
    if (left > 1) this.open.set(op, left - 1);
    else this.open.delete(op);
  }

  /** Where the next check has to begin: at the first op message that names a half message not passed yet. */
  get position(): number {
    const [first] = this.open.keys();
    return first ?? this.walk.next;
  }

  private async readMore(): Promise<void> {
    const units = await this.walk.units();
    this.isStuck = units.length === 0;
    for (const unit of units) {
      this.take(this.walk.next, await this.read(unit));
      this.walk.next++;
    }
  }

  private async read({ physicalOffset, size }: QueueUnit): Promise<Buffer | undefined> {
    return this.parts.store.read(physicalOffset, size);
  }

  private take(op: number, bytes: Buffer | undefined): void {
    let ahead = 0;
    for (const half of this.halvesIn(op, bytes)) {
      if (this.opOf.has(half)) continue;
      const isAhead = half >= this.firstHalf;
      if (isAhead) ahead++;
      this.opOf.set(half, isAhead ? op : -1);
    }
    if (ahead > 0) this.open.set(op, ahead);
  }

  private halvesIn(op: number, bytes: Buffer | undefined): number[] {
    try {
      if (bytes === undefined) throw new Error('there is no whole record');
      const { body, properties } = decodeMessage(bytes);
      if (propertyOf(properties, MessageProperty.TAGS) !== doneTag) throw new Error('it has another tag');
      return halvesOf(body);
    } catch (error) {
      this.parts.log.error('an op message is passed over', { queueId: transactionQueue, op, error: messageOf(error) });
      return [];
    }
  }
}
