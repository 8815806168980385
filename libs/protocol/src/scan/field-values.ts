/** Headers with more values are read, but not remembered. */
const mostSpans = 64;

/** What a scan has found so far. Used again for every frame. */
export class FieldValues {
  readonly bySlot: unknown[] = [];
  /** Bits of the slots whose key came. */
  seen = 0;
  /** Bits of the slots that have a value. */
  present = 0;
  /** How many values a scan met, in order, and where: their slots, first bytes and the bytes after them. */
  spans = 0;
  readonly spanSlots = new Int32Array(mostSpans);
  readonly spanStarts = new Int32Array(mostSpans);
  readonly spanEnds = new Int32Array(mostSpans);

  clear(): void {
    this.seen = 0;
    this.present = 0;
    this.spans = 0;
  }

  set(slot: number, value: unknown): void {
    this.bySlot[slot] = value;
    this.present |= 1 << slot;
  }

  /** False when the value is no 32-bit integer. Such are kept as what V8 does not allocate. */
  setInt(slot: number, value: number): boolean {
    const int = value | 0;
    this.bySlot[slot] = int;
    this.present |= 1 << slot;
    return int === value;
  }

  /** False when the key came before: which one counts is for the plain decoder to say. */
  see(slot: number): boolean {
    const bit = 1 << slot;
    if ((this.seen & bit) !== 0) return false;
    this.seen |= bit;
    return true;
  }

  addSpan(slot: number, start: number, end: number): void {
    const index = this.spans++;
    this.spanSlots[index] = slot;
    this.spanStarts[index] = start;
    this.spanEnds[index] = end;
  }

  get hasAllSpans(): boolean {
    return this.spans <= mostSpans;
  }
}
