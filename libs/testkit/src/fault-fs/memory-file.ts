const nothing = Buffer.alloc(0);

/** The bytes of a file. Holes cost nothing, and copies share their bytes until one of them is written. */
export class MemoryFile {
  size = 0;
  /** Descriptor that holds the lock on byte 0. */
  lockedBy: number | undefined;
  /** What was written; shorter than the file where its end is a hole. */
  private bytes: Buffer = nothing;
  private isShared = false;

  /** Returns the number of bytes read: fewer than asked for at the end of the file. */
  read(target: Uint8Array, position: number): number {
    const length = Math.max(0, Math.min(target.length, this.size - position));
    const known = this.bytes.subarray(position, Math.min(position + length, this.bytes.length));
    target.set(known);
    target.fill(0, known.length, length);
    return length;
  }

  write(source: Uint8Array, position: number): void {
    const end = position + source.length;
    this.own(end);
    this.bytes.set(source, position);
    this.size = Math.max(this.size, end);
  }

  /** Cuts or extends; what an extension adds reads as zeros. */
  truncate(length: number): void {
    if (length < this.bytes.length) {
      this.bytes = this.bytes.subarray(0, length);
      // The bytes behind the cut are still in the buffer: the next write has to move to a fresh one.
      this.isShared = true;
    }
    this.size = length;
  }

  copy(): MemoryFile {
    const copy = new MemoryFile();
    copy.size = this.size;
    copy.bytes = this.bytes;
    copy.isShared = this.isShared = true;
    return copy;
  }

  /** The whole content, in a buffer of its own. */
  contents(): Buffer {
    const content = Buffer.alloc(this.size);
    this.bytes.copy(content);
    return content;
  }

  private own(end: number): void {
    if (!this.isShared && end <= this.bytes.length) return;
    const capacity = end <= this.bytes.length ? this.bytes.length : Math.max(end, Math.min(this.size, end * 2));
    const fresh = Buffer.alloc(capacity);
    this.bytes.copy(fresh);
    this.bytes = fresh;
    this.isShared = false;
  }
}
