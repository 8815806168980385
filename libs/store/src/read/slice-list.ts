/** Parts of memory in the order they are added; one that goes on where the last ended becomes one with it. */
export class SliceList {
  private readonly slices: Buffer[] = [];
  private bytes: Buffer | undefined;
  private start = 0;
  private end = 0;

  add(bytes: Buffer, start: number, end: number): void {
    if (bytes !== this.bytes || start !== this.end) {
      this.cut();
      this.bytes = bytes;
      this.start = start;
    }
    this.end = end;
  }

  all(): Buffer[] {
    this.cut();
    this.bytes = undefined;
    return this.slices;
  }

  private cut(): void {
    if (this.bytes) this.slices.push(this.bytes.subarray(this.start, this.end));
  }
}
