import { seededRandom } from '../../../libs/testkit/src/index.js';

/** A source of numbers for one purpose: what one part draws does not shift what another does. */
export function randomOf(...seeds: number[]): Random {
  let mixed = 0x9e37_79b9;
  for (const seed of seeds) mixed = Math.imul(mixed ^ seed, 0x85eb_ca6b) ^ (mixed >>> 13);
  const next = seededRandom(mixed);
  return {
    next,
    chance: (share) => next() < share,
    below: (limit) => Math.floor(next() * limit),
    pick: (choices) => choices[Math.floor(next() * choices.length)] as never,
  };
}

export interface Random {
  /** 0..1 */
  next(): number;
  chance(share: number): boolean;
  /** A whole number, 0 to `limit` - 1. */
  below(limit: number): number;
  pick<T>(choices: readonly T[]): T;
}
