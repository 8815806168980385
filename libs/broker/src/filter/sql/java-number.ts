/*
 * Texts as numbers, as Java reads them: Integer.valueOf, Long.valueOf, Double.valueOf. Each is undefined where Java throws
 * NumberFormatException.
 */
import { javaTrim } from '../../../../protocol/src/message/index.js';

const intMin = -0x8000_0000;
const intMax = 0x7fff_ffff;
const longMin = -(2n ** 63n);
const longMax = 2n ** 63n - 1n;
/** Of a long, without leading zeros. */
const mostDigits = 19;

export function javaInt(text: string): number | undefined {
  const digits = wholeDigits(text);
  if (digits === undefined) return undefined;
  const value = Number(digits);
  return value >= intMin && value <= intMax ? value : undefined;
}

export function javaLong(text: string): bigint | undefined {
  const digits = wholeDigits(text)?.replace(/^(-?)0+(?=\d)/, '$1');
  if (digits === undefined || digits.length > mostDigits + 1) return undefined;
  const value = BigInt(digits);
  return value >= longMin && value <= longMax ? value : undefined;
}

/** ASCII digits behind an optional minus. No blanks are allowed, but digits of any script are, which few know. */
function wholeDigits(text: string): string | undefined {
  if (/^-?[0-9]+$/.test(text)) return text;
  const found = /^([+-]?)(\p{Nd}+)$/u.exec(text);
  if (found === null) return undefined;
  const [, sign = '', digits = ''] = found;
  let ascii = sign === '-' ? '-' : '';
  for (const digit of digits) {
    // Java goes by UTF-16 units, of which digits beyond U+FFFF have two.
    if (digit.length > 1) return undefined;
    ascii += digitValue(digit);
  }
  return ascii;
}

/** The digits of a script stand in a row that begins at U+xxx0 or U+xxx6. */
function digitValue(digit: string): number {
  const code = digit.charCodeAt(0);
  const place = code & 0xf;
  const beginsAt0 = /^\p{Nd}$/u.test(String.fromCharCode(code - place));
  return beginsAt0 ? place : place - 6;
}

const decimalDouble = /^[+-]?(?:NaN|Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fFdD]?)$/;
const hexDouble = /^([+-]?)0[xX](?:([0-9a-fA-F]+)\.?|([0-9a-fA-F]*)\.([0-9a-fA-F]+))[pP]([+-]?[0-9]+)[fFdD]?$/;

export function javaDouble(text: string): number | undefined {
  const trimmed = javaTrim(text);
  if (decimalDouble.test(trimmed)) return Number(trimmed.replace(/[fFdD]$/, ''));
  const found = hexDouble.exec(trimmed);
  if (found === null) return undefined;
  const [, sign, whole, before = '', after = '', exponent = '0'] = found;
  const value = scaled(BigInt(`0x0${whole ?? before + after}`), Number(exponent) - 4 * after.length);
  return sign === '-' ? -value : value;
}

/** `mantissa` times 2 to the `exponent`, rounded once to what a double holds, halves to even. */
function scaled(mantissa: bigint, exponent: number): number {
  if (mantissa === 0n) return 0;
  const bits = mantissa.toString(2).length;
  const top = bits + exponent;
  if (top > 1024) return Infinity;
  if (top < -1074) return 0;
  // Fewer than 53 bits are left below the smallest normal number.
  const kept = Math.min(53, top + 1074);
  const drop = bits - kept;
  if (drop <= 0) return Number(mantissa) * 2 ** exponent;
  const shift = BigInt(drop);
  const half = 1n << (shift - 1n);
  const rest = mantissa & ((1n << shift) - 1n);
  let quotient = mantissa >> shift;
  if (rest > half || (rest === half && (quotient & 1n) === 1n)) quotient += 1n;
  return Number(quotient) * 2 ** (exponent + drop);
}
