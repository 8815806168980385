/*
 * A unit of a consume queue, 20 bytes, big-endian:
 *    0  int64  physical offset of the record
 *    8  int32  its size
 *   12  int64  tags code: hash of the tag, or for a delayed message the instant of its delivery
 */
export const unitSize = 20;

/** Fills places before a queue's first message, as Java does: {0, 0x7fffffff, 0}. */
export const blankUnitSize = 0x7fff_ffff;

const two32 = 0x1_0000_0000;

/** Consecutive units in memory, filled front to back. */
export class QueueBlock {
  readonly bytes: Buffer;
  readonly view: DataView;
  count = 0;

  constructor(
    /** Queue offset of the first unit. */
    readonly first: number,
    readonly capacity: number,
  ) {
    this.bytes = Buffer.alloc(capacity * unitSize);
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
  }

  get end(): number {
    return this.first + this.count;
  }

  push(physicalOffset: number, size: number, tagsCode: number): void {
    const { view } = this;
    const at = this.count++ * unitSize;
    view.setInt32(at, Math.floor(physicalOffset / two32));
    view.setInt32(at + 4, physicalOffset | 0);
    view.setInt32(at + 8, size);
    view.setInt32(at + 12, Math.floor(tagsCode / two32));
    view.setInt32(at + 16, tagsCode | 0);
  }
}

export function unitPhysicalOffset(view: DataView, at: number): number {
  return view.getInt32(at) * two32 + view.getUint32(at + 4);
}

export function unitRecordSize(view: DataView, at: number): number {
  return view.getInt32(at + 8);
}

export function unitTagsCode(view: DataView, at: number): number {
  return view.getInt32(at + 12) * two32 + view.getUint32(at + 16);
}

/** Whether a unit has, instead of a tags code, an address in consumequeue_ext: at most -2^31 - 1, which no hash is. */
export function isExtensionAddress(view: DataView, at: number): boolean {
  return unitTagsCode(view, at) < -0x8000_0000;
}

/** Where in the files of consumequeue_ext the unit at such an address is: the address plus 2^63. */
export function unitExtensionPosition(view: DataView, at: number): number {
  return (view.getUint32(at + 12) - 0x8000_0000) * two32 + view.getUint32(at + 16);
}
