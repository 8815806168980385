/**
 * A growing buffer that is written front to back and used again and again: what goes out on a connection in one tick is
 * gathered here. Big-endian, as everything on this wire.
 */
export class ByteSink {
  bytes: Buffer;
  /** Where the next byte goes; also the number of bytes written. */
  position = 0;

  constructor(capacity = 4096) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
  }

  /** Makes room for `size` more bytes. Doubles, so that growth costs little over time. */
  reserve(size: number): void {
    const needed = this.position + size;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.position);
    this.bytes = grown;
  }

  int8(value: number): void {
    this.reserve(1);
    this.bytes[this.position++] = value;
  }

  int16(value: number): void {
    this.reserve(2);
    const at = this.position;
    this.bytes[at] = value >> 8;
    this.bytes[at + 1] = value;
    this.position = at + 2;
  }

  int32(value: number): void {
    this.reserve(4);
    this.setInt32(this.position, value);
    this.position += 4;
  }

  /** Patches four bytes written before (a length known only afterwards). */
  setInt32(at: number, value: number): void {
    const bytes = this.bytes;
    bytes[at] = value >> 24;
    bytes[at + 1] = value >> 16;
    bytes[at + 2] = value >> 8;
    bytes[at + 3] = value;
  }

  /** Writes UTF-8 and returns the number of bytes. */
  utf8(text: string): number {
    this.reserve(text.length * 3);
    const written = this.bytes.write(text, this.position, 'utf8');
    this.position += written;
    return written;
  }

  buffer(source: Buffer): void {
    this.reserve(source.length);
    source.copy(this.bytes, this.position);
    this.position += source.length;
  }

  /** What was written, as a view: valid until the next write or clear. */
  written(): Buffer {
    return this.bytes.subarray(0, this.position);
  }

  clear(): void {
    this.position = 0;
  }
}
