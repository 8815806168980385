/** A message that was handed out. */
export interface LedgerEntry {
  readonly offset: number;
  isAcked: boolean;
}

/**
 * What of one queue was handed out, in order, and what of it is acked. A queue has one offset at the broker: it can only
 * say that everything below is done, so the offset moves when the oldest message is acked.
 */
export class AckLedger {
  readonly #entries: LedgerEntry[] = [];
  #unacked = 0;
  #committed = -1;

  /** Handed out and not acked. */
  get unacked(): number {
    return this.#unacked;
  }

  /** False when the queue begins again at `offset`, or before: what was handed out since comes again. */
  isFollowedBy(offset: number): boolean {
    const last = this.#entries.at(-1);
    return last === undefined || last.offset < offset;
  }

  add(offset: number): LedgerEntry {
    const entry = { offset, isAcked: false };
    this.#entries.push(entry);
    this.#unacked++;
    return entry;
  }

  /** The offset to commit, if it moved. */
  ack(entry: LedgerEntry): number | undefined {
    if (entry.isAcked) return undefined;
    entry.isAcked = true;
    this.#unacked--;
    const firstOpen = this.#entries.findIndex(({ isAcked }) => !isAcked);
    // The last one stays, for isFollowedBy to know it.
    const done = firstOpen < 0 ? this.#entries.length : firstOpen;
    const last = this.#entries[done - 1];
    if (last === undefined || this.#committed === last.offset + 1) return undefined;
    this.#entries.splice(0, done - 1);
    this.#committed = last.offset + 1;
    return this.#committed;
  }
}
