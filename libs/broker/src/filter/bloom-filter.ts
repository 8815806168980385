/*
 * Which consumers want a message, in few bits: a consumer stands for some positions, a message has the positions of all
 * whose filter takes it. Sizes, hash and order of bits are Apache's (filter/.../util/BloomFilter, BitsArray), because they
 * are in files.
 */

export class BloomFilter {
  /** Positions of one consumer. */
  readonly hashes: number;
  /** Bits of a map: whole bytes. */
  readonly bitCount: number;

  /** `errorRate` in percent of wrong hits, when `expected` consumers are in a map. */
  constructor(errorRate: number, expected: number) {
    const rate = errorRate / 100;
    this.hashes = Math.ceil(Math.log(rate) / Math.log(0.5));
    const bits = Math.ceil(expected * (Math.log(1 / rate) / Math.log(2)) * (Math.log(Math.E) / Math.log(2)));
    this.bitCount = 8 * Math.ceil(bits / 8);
  }

  positionsOf(name: string): number[] {
    const hash = murmur3(Buffer.from(name));
    const [first, second] = [Number(BigInt.asIntN(32, hash)), Number(BigInt.asIntN(32, hash >> 32n))];
    return Array.from({ length: this.hashes }, (_, i) => {
      const combined = (first + Math.imul(i + 1, second)) | 0;
      return (combined < 0 ? ~combined : combined) % this.bitCount;
    });
  }

  isValid({ bitNum, bitPos }: { readonly bitNum: number; readonly bitPos: readonly number[] }): boolean {
    return (
      bitNum === this.bitCount &&
      bitPos.length === this.hashes &&
      bitPos.every((position) => Number.isInteger(position) && position >= 0 && position < bitNum)
    );
  }
}

export function setBits(map: Uint8Array, positions: readonly number[]): void {
  for (const position of positions) map[position >> 3] = (map[position >> 3] ?? 0) | (1 << (position & 7));
}

/** False for positions beyond the map. */
export function hasBits(map: Uint8Array, positions: readonly number[]): boolean {
  return positions.every((position) => ((map[position >> 3] ?? 0) & (1 << (position & 7))) !== 0);
}

const mask = (1n << 64n) - 1n;
const [c1, c2] = [0x87c37b91114253d5n, 0x4cf5ad432745937fn];

/** The first 64 bits of MurmurHash3 x64 128 with seed 0: guava's murmur3_128().hashBytes(bytes).asLong(). */
export function murmur3(bytes: Buffer): bigint {
  let [h1, h2] = [0n, 0n];
  const blocks = bytes.length >> 4;
  for (let block = 0; block < blocks; block++) {
    h1 ^= mixed(bytes.readBigUInt64LE(block * 16), c1, 31n, c2);
    h1 = (((rotated(h1, 27n) + h2) & mask) * 5n + 0x52dce729n) & mask;
    h2 ^= mixed(bytes.readBigUInt64LE(block * 16 + 8), c2, 33n, c1);
    h2 = (((rotated(h2, 31n) + h1) & mask) * 5n + 0x38495ab5n) & mask;
  }
  const tail = Buffer.alloc(16);
  bytes.copy(tail, 0, blocks * 16);
  h2 ^= mixed(tail.readBigUInt64LE(8), c2, 33n, c1);
  h1 ^= mixed(tail.readBigUInt64LE(0), c1, 31n, c2);
  const length = BigInt(bytes.length);
  h1 ^= length;
  h2 ^= length;
  h1 = (h1 + h2) & mask;
  h2 = (h2 + h1) & mask;
  return (finished(h1) + finished(h2)) & mask;
}

function mixed(word: bigint, first: bigint, bits: bigint, second: bigint): bigint {
  return (rotated((word * first) & mask, bits) * second) & mask;
}

function rotated(word: bigint, bits: bigint): bigint {
  return ((word << bits) | (word >> (64n - bits))) & mask;
}

function finished(word: bigint): bigint {
  let hash = word ^ (word >> 33n);
  hash = (hash * 0xff51afd7ed558ccdn) & mask;
  hash ^= hash >> 33n;
  hash = (hash * 0xc4ceb9fe1a85ec53n) & mask;
  return hash ^ (hash >> 33n);
}
