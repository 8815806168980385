/** Memory that somebody may still look at in this turn of the event loop; it serves others from the next one on. */
export class RetiredMemory {
  private retired: Buffer[] = [];

  constructor(private readonly reuse: (memory: Buffer) => void) {}

  add(memory: Buffer): void {
    if (this.retired.length === 0) setImmediate(() => this.release());
    this.retired.push(memory);
  }

  private release(): void {
    const { retired } = this;
    this.retired = [];
    for (const memory of retired) this.reuse(memory);
  }
}
