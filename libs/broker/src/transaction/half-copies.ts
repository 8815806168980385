/**
 * Half messages that are copies of one another. A check appends a copy behind the end it goes to, so it never meets two of
 * one message, but for the first after a crash, which begins where an earlier one did.
 */
export class HalfCopies {
  /** Copy -> the first of them. */
  private readonly firsts = new Map<number, number>();
  private readonly latest = new Map<number, number>();
  private readonly done = new Set<number>();

  /** In the order of the queue. */
  add(offset: number, first: number, isDone: boolean): void {
    this.firsts.set(offset, first);
    this.latest.set(first, offset);
    if (isDone) this.done.add(first);
  }

  /** A later copy stands for it, or an end of one was the end of all. */
  isOver(offset: number): boolean {
    const first = this.firsts.get(offset);
    return first !== undefined && (this.done.has(first) || this.latest.get(first) !== offset);
  }
}
