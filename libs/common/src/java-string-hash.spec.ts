import { expect, it } from '@jest/globals';
import { javaStringHash } from './java-string-hash.js';

/** Printed by "...".hashCode() of JDK 17. */
it.each([
  ['', 0],
  ['a', 97],
  ['*', 42],
  ['TagA', 2598919],
  ['hello', 99162322],
  ['polygenelubricants', -2147483648],
  ['OrderTopic@group', -1988660192],
  ['订单', 1129459],
  ['🚀', 1773027],
  ['%RETRY%group', 995971261],
  ['The quick brown fox jumps over the lazy dog', -609428141],
])('%j hashes to %d', (text, hash) => {
  expect(javaStringHash(text)).toBe(hash);
});
