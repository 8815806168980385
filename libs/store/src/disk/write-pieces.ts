import { RocketMQError } from '../../../common/src/index.js';
import { directBlock } from './disk.js';

/** One call of the system: returns how many of the bytes it wrote. */
export type WriteSome = (pieces: readonly Uint8Array[], position: number) => Promise<number>;

/** Writes all of these whole blocks, in as many calls as the system makes of it. */
export async function writePieces(
  pieces: readonly Uint8Array[],
  position: number,
  writeSome: WriteSome,
): Promise<void> {
  const length = lengthOf(pieces);
  for (let done = 0, left = pieces; done < length;) {
    const count = await writeSome(left, position + done);
    done += count;
    // From within a block there is no going on.
    if (count === 0 || count % directBlock !== 0) {
      throw new RocketMQError('STORE_UNAVAILABLE', `a direct write ended after ${done} of ${length} bytes`);
    }
    left = behind(left, count);
  }
}

export function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}

/** What is left of the pieces after so many bytes. */
function behind(pieces: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let skipped = count;
  return pieces.flatMap((piece) => {
    const from = Math.min(skipped, piece.length);
    skipped -= from;
    return from < piece.length ? [piece.subarray(from)] : [];
  });
}
