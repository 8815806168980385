/*
 * HOT PATH (append, pull of old messages). Copies nothing; allocates one table a file of the log. Calls: the checksum, once
 * a chunk that leaves memory and once a block that is read. Benchmark: pull.
 */
import { crc32 } from '@node-rs/crc32';

/** Bytes of the log under one sum. A block begins at a multiple of it in its file. */
export const logBlockSize = 1024 * 1024;

/** Of the blocks of one file. */
interface FileSums {
  readonly sums: Uint32Array;
  /** Which of them there are. */
  readonly isKnown: Uint8Array;
}

/**
 * What this process wrote, to be recognized when the disk gives it back: the CRC of each whole block of the log, taken when
 * its bytes leave memory. A block that has its sum is what was appended, every field of every record, at the price of one
 * look; one without, or with another, has to be looked at record by record.
 */
export class BlockSums {
  private readonly files = new Map<number, FileSums>();
  /** The block that is being taken in: its bytes up to `offset` have the CRC `sum`. */
  private offset = -1;
  private sum = 0;

  constructor(
    /** Bytes of a file of the log. */
    private readonly fileSize: number,
  ) {}

  /** The next bytes of the log, in order. After a leap the sums go on with the next whole block. */
  add(from: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const offset = from + at;
      const inFile = offset % this.fileSize;
      const inBlock = inFile % logBlockSize;
      const end = Math.min(at + logBlockSize - inBlock, at + this.fileSize - inFile, bytes.length);
      if (inBlock === 0) this.sum = 0;
      if (inBlock === 0 || offset === this.offset) {
        this.sum = crc32(bytes.subarray(at, end), this.sum);
        this.offset = from + end;
        if (inBlock + end - at === logBlockSize) this.note(offset - inBlock);
      }
      at = end;
    }
  }

  /** Whether this is the block that was written at `base`. */
  matches(base: number, block: Uint8Array): boolean {
    const file = this.files.get(base - (base % this.fileSize));
    const i = (base % this.fileSize) / logBlockSize;
    return file?.isKnown[i] === 1 && block.length === logBlockSize && file.sums[i] === crc32(block);
  }

  /** Forgets files that are no longer part of the log. */
  dropBefore(offset: number): void {
    for (const base of this.files.keys()) if (base < offset) this.files.delete(base);
  }

  private note(base: number): void {
    const fileBase = base - (base % this.fileSize);
    let file = this.files.get(fileBase);
    if (!file) {
      const blocks = Math.floor(this.fileSize / logBlockSize);
      file = { sums: new Uint32Array(blocks), isKnown: new Uint8Array(blocks) };
      this.files.set(fileBase, file);
    }
    const i = (base - fileBase) / logBlockSize;
    file.sums[i] = this.sum;
    file.isKnown[i] = 1;
  }
}
