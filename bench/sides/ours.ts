import type { Contestant } from '../runner/benchmark.js';
import { ourVersion } from '../runner/machine.js';

export function ourContestant(name = 'ours'): Contestant {
  return { name, version: ourVersion() };
}
