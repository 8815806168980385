import { slotSize, viewOf } from './index-layout.js';

const pageSize = 4096;
/** Written with one call, so that the event loop gets its turn in between. */
const longestRun = 64;

/** The slots of the file being written. Pages nobody touched cost no memory, and are not written. */
export class SlotTable {
  readonly bytes: Buffer;
  private readonly view: DataView;
  /** One for each page: differs from the file. */
  private readonly dirty: Uint8Array;

  constructor(readonly length: number) {
    this.bytes = Buffer.alloc(length * slotSize);
    this.view = viewOf(this.bytes);
    this.dirty = new Uint8Array(Math.ceil(this.bytes.length / pageSize));
  }

  get(slot: number): number {
    return this.view.getInt32(slot * slotSize);
  }

  set(slot: number, place: number): void {
    const at = slot * slotSize;
    this.view.setInt32(at, place);
    this.dirty[at >>> 12] = 1;
  }

  /** Marks the pages that differ from these, the slots in the file from byte `at` on. */
  compare(at: number, stored: Buffer): void {
    for (let from = at; from < at + stored.length; from += pageSize) {
      const end = Math.min(from + pageSize, at + stored.length);
      if (this.bytes.compare(stored, from - at, end - at, from, end) !== 0) this.dirty[from / pageSize] = 1;
    }
  }

  /** Runs of pages that differ from the file: byte and content. They count as written when they are handed out. */
  *takeDirty(): IterableIterator<readonly [at: number, bytes: Buffer]> {
    const { dirty } = this;
    for (let page = dirty.indexOf(1); page >= 0; page = dirty.indexOf(1, page)) {
      let end = page;
      while (end < dirty.length && end - page < longestRun && dirty[end] === 1) dirty[end++] = 0;
      yield [page * pageSize, this.bytes.subarray(page * pageSize, end * pageSize)];
      page = end;
    }
  }
}
