/** A message that a member has handled. */
export interface Delivery {
  readonly member: string;
  /** Milliseconds since the epoch, by the clock all processes of the machine share. */
  readonly at: number;
  /** Of this member's deliveries. */
  readonly order: number;
  readonly queueId: number;
  readonly queueOffset: number;
  readonly key: string;
}

/** What all members of a group together have handled. */
export class Deliveries {
  readonly all: Delivery[] = [];
  readonly #seen = new Set<string>();

  add(delivery: Delivery): void {
    this.all.push(delivery);
    this.#seen.add(delivery.key);
  }

  /** Different messages. */
  get distinct(): number {
    return this.#seen.size;
  }

  get duplicates(): number {
    return this.all.length - this.#seen.size;
  }

  missing(keys: Iterable<string>): string[] {
    return [...keys].filter((key) => !this.#seen.has(key));
  }

  /**
   * Messages of a queue that were handled for the first time before an earlier one was. Again and from further back is
   * what a change of owner may bring; a gap is not.
   */
  outOfOrder(): string[] {
    const next = new Map<number, number>();
    const found: string[] = [];
    for (const { queueId, queueOffset, member } of this.all.toSorted(byTime)) {
      const expected = next.get(queueId) ?? 0;
      if (queueOffset > expected) found.push(`queue ${queueId}: ${member} had ${queueOffset} before ${expected}`);
      if (queueOffset >= expected) next.set(queueId, queueOffset + 1);
    }
    return found;
  }
}

/** In the same millisecond only one member's own order is known; of two members the lower offset counts as first. */
function byTime(a: Delivery, b: Delivery): number {
  if (a.at !== b.at) return a.at - b.at;
  return a.member === b.member ? a.order - b.order : a.queueOffset - b.queueOffset;
}
