import { deepStrictEqual } from 'node:assert/strict';
import { tryTestingEntry } from './testing.js';

/** Jest's. */
declare function test(name: string, run: () => Promise<void>, timeout: number): void;

test(
  'the testing entry serves in Jest',
  () => tryTestingEntry((name, found, wanted = true) => deepStrictEqual(found, wanted, name)),
  60_000,
);
