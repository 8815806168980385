import { RocketMQError } from '../../../common/src/index.js';
import { resolveReferences } from './reference.js';
import { JsonObject, type JsonMember, type JsonValue } from './value.js';

export interface ReadLimits {
  /** Characters. */
  readonly maxLength: number;
  /** Objects and arrays inside each other. */
  readonly maxDepth: number;
  /** Values in all, counting those a reference repeats. */
  readonly maxValues: number;
}

/** A frame's length, far more depth than any body has, and the values of a few hundred thousand topics. */
export const defaultReadLimits: ReadLimits = { maxLength: 16 * 1024 * 1024, maxDepth: 64, maxValues: 4_000_000 };

/**
 * Reads what fastjson writes and what it would accept from others: bare integer keys, object keys, bare words and single
 * quotes, trailing commas, number suffixes, and references ("$ref") to values written elsewhere in the text.
 *
 * @throws RocketMQError PROTOCOL_VIOLATION with the place; nothing else, whatever the text.
 */
export function readJson(text: string, limits: ReadLimits = defaultReadLimits): JsonValue {
  if (text.length > limits.maxLength) throw violation(`text of ${text.length} characters exceeds ${limits.maxLength}`);
  const reader = new Reader(text, limits);
  const value = reader.document();
  return reader.referenceSeen ? resolveReferences(value, limits.maxValues - reader.values) : value;
}

function violation(message: string): RocketMQError {
  return new RocketMQError('PROTOCOL_VIOLATION', `bad JSON: ${message}`);
}

const numberPattern = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y;
const wordPattern = /[A-Za-z_$][\w$]*/y;
const numberSuffixes = 'LSBFD';
/** Longer integers do not fit 64 bits anyway; as doubles they cost nothing to read. */
const longestInteger = 20;

class Reader {
  values = 0;
  referenceSeen = false;
  private at = 0;
  private depth = 0;

  constructor(
    private readonly text: string,
    private readonly limits: ReadLimits,
  ) {}

  document(): JsonValue {
    this.skipBlanks();
    const value = this.at >= this.text.length ? null : this.value();
    this.skipBlanks();
    if (this.at < this.text.length) this.fail('text goes on after the value');
    return value;
  }

  private fail(what: string): never {
    throw violation(`${what} at character ${this.at}`);
  }

  private value(): JsonValue {
    if (++this.values > this.limits.maxValues) this.fail(`more than ${this.limits.maxValues} values`);
    switch (this.text[this.at]) {
      case '{':
        return this.object();
      case '[':
        return this.array();
      case '"':
      case "'":
        return this.string();
      default:
        return this.numberOrWord();
    }
  }

  private enter(): void {
    if (++this.depth > this.limits.maxDepth) this.fail(`more than ${this.limits.maxDepth} levels`);
    this.at++;
  }

  private array(): JsonValue {
    this.enter();
    const items: JsonValue[] = [];
    for (;;) {
      this.skipBlanksAndCommas();
      if (this.text[this.at] === ']') break;
      items.push(this.value());
      this.separator(']');
    }
    this.at++;
    this.depth--;
    return items;
  }

  private object(): JsonValue {
    this.enter();
    const members: JsonMember[] = [];
    for (;;) {
      this.skipBlanksAndCommas();
      if (this.text[this.at] === '}') break;
      const key = this.key();
      this.skipBlanks();
      if (this.text[this.at] !== ':') this.fail('":" expected');
      this.at++;
      this.skipBlanks();
      if (key === '$ref') this.referenceSeen = true;
      members.push([key, this.value()]);
      this.separator('}');
    }
    this.at++;
    this.depth--;
    return new JsonObject(members);
  }

  private key(): JsonValue {
    const char = this.text[this.at];
    if (char === '"' || char === "'") return this.string();
    if (char === '{' || char === '[') return this.value();
    wordPattern.lastIndex = this.at;
    const word = wordPattern.exec(this.text)?.[0];
    if (word === undefined) return this.number();
    this.at += word.length;
    return word;
  }

  private separator(close: string): void {
    this.skipBlanks();
    const char = this.text[this.at];
    if (char !== ',' && char !== close) this.fail(`"," or "${close}" expected`);
  }

  private numberOrWord(): JsonValue {
    wordPattern.lastIndex = this.at;
    const word = wordPattern.exec(this.text)?.[0];
    if (word === undefined) return this.number();
    this.at += word.length;
    if (word === 'true') return true;
    if (word === 'false') return false;
    if (word === 'null' || word === 'NaN' || word === 'undefined') return null;
    this.at -= word.length;
    return this.fail('a value expected');
  }

  private number(): number | bigint {
    numberPattern.lastIndex = this.at;
    const match = numberPattern.exec(this.text);
    if (match === null) return this.fail('a value expected');
    const [digits, fraction, exponent] = match;
    this.at += digits.length;
    if (numberSuffixes.includes(this.text[this.at] ?? '?')) this.at++;
    const number = Number(digits);
    if (fraction !== undefined || exponent !== undefined || Number.isSafeInteger(number)) return number;
    return digits.length > longestInteger ? number : BigInt(digits);
  }

  private string(): string {
    const quote = this.text[this.at] as string;
    this.at++;
    const start = this.at;
    const end = this.text.indexOf(quote, start);
    if (end < 0) return this.fail('unterminated text');
    const plain = this.text.slice(start, end);
    if (!plain.includes('\\')) {
      this.at = end + 1;
      return plain;
    }
    return this.escapedString(quote);
  }

  private escapedString(quote: string): string {
    let result = '';
    let from = this.at;
    for (let i = from; i < this.text.length; i++) {
      const char = this.text[i];
      if (char === quote) {
        this.at = i + 1;
        return result + this.text.slice(from, i);
      }
      if (char !== '\\') continue;
      result += this.text.slice(from, i);
      this.at = i;
      const [escaped, length] = this.escape(i + 1);
      result += escaped;
      i += length;
      from = i + 1;
    }
    return this.fail('unterminated text');
  }

  /** What the escape whose letter is at `at` means, and how many characters it has after the backslash. */
  private escape(at: number): [text: string, length: number] {
    const letter = this.text[at] ?? '';
    const simple = simpleEscapes.get(letter);
    if (simple !== undefined) return [simple, 1];
    const digits = letter === 'u' ? 4 : letter === 'x' ? 2 : 0;
    const hex = this.text.slice(at + 1, at + 1 + digits);
    if (digits === 0 || hex.length < digits || !/^[0-9a-fA-F]+$/.test(hex)) this.fail('bad escape');
    return [String.fromCharCode(parseInt(hex, 16)), 1 + digits];
  }

  private skipBlanks(): void {
    while (blanks.includes(this.text[this.at] ?? '?')) this.at++;
  }

  private skipBlanksAndCommas(): void {
    while (blanks.includes(this.text[this.at] ?? '?') || this.text[this.at] === ',') this.at++;
  }
}

const blanks = ' \t\r\n\f\b';
const simpleEscapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['F', '\f'],
  ...Array.from({ length: 8 }, (_, i) => [String(i), String.fromCharCode(i)] as const),
]);
