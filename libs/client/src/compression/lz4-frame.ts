import { damaged } from './body-codec.js';

const magic = 0x184d2204;
const Flag = { DICTIONARY: 0x01, CONTENT_CHECKSUM: 0x04, CONTENT_SIZE: 0x08, BLOCK_CHECKSUMS: 0x10 } as const;
const storedBlock = 0x8000_0000;
/** A length nibble of this value goes on in the bytes that follow. */
const goesOn = 15;
const shortestMatch = 4;

/**
 * How many bytes an LZ4 frame inflates to, by adding up its lengths without inflating anything. Stops counting beyond
 * `limit`.
 *
 * @throws RocketMQError PROTOCOL_VIOLATION when it is not one whole frame.
 */
export function inflatedSizeOfLz4(frame: Buffer, limit: number): number {
  if (frame.length < 7 || frame.readUInt32LE(0) !== magic) throw damaged('LZ4', 'no frame header');
  const flags = frame[4] as number;
  let at = 7 + (flags & Flag.CONTENT_SIZE ? 8 : 0) + (flags & Flag.DICTIONARY ? 4 : 0);
  let total = 0;
  while (total <= limit) {
    if (at + 4 > frame.length) throw damaged('LZ4', 'cut off');
    const head = frame.readUInt32LE(at);
    at += 4;
    if (head === 0) {
      if (at + (flags & Flag.CONTENT_CHECKSUM ? 4 : 0) !== frame.length) throw damaged('LZ4', 'bytes after its end');
      return total;
    }
    const end = at + (head & ~storedBlock);
    if (end > frame.length) throw damaged('LZ4', 'cut off');
    total += head & storedBlock ? end - at : inflatedSizeOfBlock(frame, at, end);
    at = end + (flags & Flag.BLOCK_CHECKSUMS ? 4 : 0);
  }
  return total;
}

/** A block is a row of: literals as they are, then a match that repeats what came before. The last match is missing. */
function inflatedSizeOfBlock(frame: Buffer, start: number, end: number): number {
  let at = start;
  let size = 0;
  const longer = (nibble: number): number => {
    let length = nibble;
    for (let byte = nibble === goesOn ? 255 : 0; byte === 255 && at < end;) length += byte = frame[at++] as number;
    return length;
  };
  while (at < end) {
    const token = frame[at++] as number;
    const literals = longer(token >> 4);
    size += literals;
    at += literals;
    if (at >= end) break;
    at += 2;
    size += shortestMatch + longer(token & 15);
  }
  if (at !== end) throw damaged('LZ4', 'a block ends within a length');
  return size;
}
