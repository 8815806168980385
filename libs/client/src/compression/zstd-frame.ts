import { damaged } from './body-codec.js';

const magic = 0xfd2fb528;
const singleSegment = 0x20;
const dictionaryBytes = [0, 1, 2, 4] as const;

interface ZstdHead {
  /** Bytes a reader needs at hand. */
  readonly window: number;
  /** Bytes it inflates to; undefined when the frame does not say. */
  readonly size: number | undefined;
}

/**
 * What a zstd frame says of itself.
 *
 * @throws RocketMQError PROTOCOL_VIOLATION when it does not begin like a frame.
 */
export function headOfZstd(frame: Buffer): ZstdHead {
  if (frame.length < 6 || frame.readUInt32LE(0) !== magic) throw damaged('ZSTD', 'no frame header');
  const descriptor = frame[4] as number;
  const isSingle = (descriptor & singleSegment) !== 0;
  const at = 5 + (isSingle ? 0 : 1) + (dictionaryBytes[descriptor & 3] as number);
  const width = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] as number;
  if (at + width > frame.length) throw damaged('ZSTD', 'cut off');
  const size = width === 0 ? undefined : sizeAt(frame, at, width);
  return { window: isSingle ? (size ?? 0) : windowOf(frame[5] as number), size };
}

function sizeAt(frame: Buffer, at: number, width: number): number {
  if (width === 8) return Number(frame.readBigUInt64LE(at));
  // Two bytes count from 256 on: less is said in one.
  return frame.readUIntLE(at, width) + (width === 2 ? 256 : 0);
}

/** A power of two, and eighths of it. */
function windowOf(byte: number): number {
  const base = 2 ** (10 + (byte >> 3));
  return base + (base / 8) * (byte & 7);
}
