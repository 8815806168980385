import { describe, expect, it } from '@jest/globals';
import { compareDecoders } from '../decoder-agreement.js';

describe('the fast decoder of headers', () => {
  // A decoder that has met many clients, and ten that have met few.
  it.each([[2, 100_000], ...Array.from({ length: 10 }, (_, i): [number, number] => [10 + i, 10_000])])(
    'says what the plain one says (seed %d, %d frames)',
    (seed, count) => expect(compareDecoders(seed, count).difference).toBeUndefined(),
  );
});
