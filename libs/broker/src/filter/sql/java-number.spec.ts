import { describe, expect, it } from '@jest/globals';
import { javaDouble, javaInt, javaLong } from './java-number.js';

describe('a text as Java reads it', () => {
  it.each([
    ['5', 5],
    ['+5', 5],
    ['-0', -0],
    ['007', 7],
    ['2147483647', 2 ** 31 - 1],
    ['-2147483648', -(2 ** 31)],
    ['2147483648', undefined],
    [`${'0'.repeat(30_000)}5`, 5],
    ['\u0663\u0664', 34],
    ['\uff15', 5],
    ['\u0ae7', 1],
    ['\u{1d7d7}', undefined],
    ['', undefined],
    ['+', undefined],
    [' 5', undefined],
    ['5.0', undefined],
    ['5L', undefined],
  ])('%j is the int %s', (text, value) => expect(javaInt(text)).toBe(value));

  it.each([
    ['9223372036854775807', 2n ** 63n - 1n],
    ['-9223372036854775808', -(2n ** 63n)],
    ['9223372036854775808', undefined],
    [`-${'0'.repeat(30_000)}7`, -7n],
    ['9'.repeat(30_000), undefined],
    ['-', undefined],
  ])('%j is the long %s', (text, value) => expect(javaLong(text)).toBe(value));

  it.each([
    [' 1.5\n', 1.5],
    ['1.5\u00a0', undefined],
    ['.5', 0.5],
    ['5.', 5],
    ['.', undefined],
    ['1e3', 1000],
    ['1e400', Infinity],
    ['1.5f', 1.5],
    ['1d', 1],
    ['-NaN', NaN],
    ['NaNf', undefined],
    ['Infinity', Infinity],
    ['infinity', undefined],
    ['0x10', undefined],
    ['0x1p4', 16],
    ['0x.8P1D', 1],
    ['-0X1.8p-1', -0.75],
    ['0x1.00000000000008p0', 1],
    ['0x1.000000000000081p0', 1.0000000000000002],
    ['0x1.00000000000018p0', 1.0000000000000004],
    ['0x1p-1074', 5e-324],
    ['0x1p-1075', 0],
    ['0x1.1p-1075', 5e-324],
    ['0x1p1024', Infinity],
    ['0x0p99999999999999999999', 0],
    ['1_0', undefined],
    ['0b1', undefined],
  ])('%j is the double %s', (text, value) => expect(javaDouble(text)).toBe(value));
});
