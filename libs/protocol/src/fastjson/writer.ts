import { JavaDouble, JsonObject, isArray, type JsonMember, type JsonValue } from './value.js';

/**
 * How fastjson spells a document.
 * - `compact`: its default. Map keys that are no texts stand bare: {0:"a"}, {{"queueId":0}:1}.
 * - `standard`: JSON that every parser reads. Keys quoted and sorted, non-ASCII as \u escapes.
 * - `pretty`: as in configuration files: tabs, one member a line, and the line breaks where fastjson puts them.
 */
export type JsonStyle = 'compact' | 'standard' | 'pretty';

export function writeJson(value: JsonValue, style: JsonStyle = 'compact'): string {
  return new Writer(style).write(value, 0);
}

const afterMember = { compact: '', standard: '', pretty: '\n' } as const;

class Writer {
  constructor(private readonly style: JsonStyle) {}

  write(value: JsonValue, depth: number): string {
    if (value === null || typeof value === 'boolean') return String(value);
    // Browsers' numbers end at 2^53: there fastjson writes larger ones as texts.
    if (typeof value === 'bigint') return this.style === 'standard' ? `"${value}"` : String(value);
    if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null';
    if (typeof value === 'string') return this.text(value);
    if (value instanceof JavaDouble) return javaDouble(value.value);
    return isArray(value) ? this.array(value, depth) : this.object(value, depth);
  }

  private text(value: string): string {
    return this.style === 'standard' ? `"${value.replace(standardEscapes, escaped)}"` : quoteJson(value);
  }

  private array(items: readonly JsonValue[], depth: number): string {
    if (items.length === 0) return '[]';
    const inner = items.map((item) => this.write(item, depth + 1));
    return `[${this.line(depth + 1)}${inner.join(`,${this.line(depth + 1)}`)}${this.line(depth)}]`;
  }

  private object(object: JsonObject, depth: number): string {
    const members = this.style === 'standard' ? sorted(object.members) : object.members;
    let text = '';
    members.forEach(([key, value], i) => {
      const bare = typeof key !== 'string' && this.style !== 'standard';
      // fastjson breaks the line before a quoted key, but not before a bare one.
      text += `${i === 0 ? '' : ','}${bare ? '' : this.line(depth + 1)}${this.key(key, depth)}:`;
      text += this.write(value, depth + 1);
    });
    return members.length === 0 ? '{}' : `{${text}${this.line(depth)}}`;
  }

  private key(key: JsonValue, depth: number): string {
    if (typeof key === 'string') return this.text(key);
    const written = this.write(key, depth + 1);
    return this.style === 'standard' && !(key instanceof JsonObject) ? `"${written}"` : written;
  }

  private line(depth: number): string {
    return this.style === 'pretty' ? afterMember.pretty + '\t'.repeat(depth) : '';
  }
}

// oxlint-disable-next-line no-control-regex -- control characters are what must be escaped
const compactEscapes = /[\u0000-\u001f"\\\u007f-\u009f\u2028\u2029]/g;
const standardEscapes = /[^\u0020-\u007e]|["\\/]/g;

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['/', '\\/'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

function escaped(char: string): string {
  return shortEscapes.get(char) ?? `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** What JSON.stringify spells in another way: hexadecimal digits in capitals, and more escapes than JSON needs. */
// oxlint-disable-next-line no-control-regex -- control characters are what must be escaped
const differsFromJson = /[\u000b\u000e\u000f\u001a-\u001f\u007f-\u009f\u2028\u2029]/;

/** A text as fastjson writes it by default. */
export function quoteJson(text: string): string {
  return differsFromJson.test(text) ? `"${text.replace(compactEscapes, escaped)}"` : JSON.stringify(text);
}

/** By key, as Java compares texts: by UTF-16 unit. */
function sorted(members: readonly JsonMember[]): readonly JsonMember[] {
  const keyed = members.map((member) => [sortKey(member[0]), member] as const);
  return keyed.sort(([a], [b]) => (a === b ? 0 : a < b ? -1 : 1)).map(([, member]) => member);
}

/** Objects, which no standard body has for keys, keep their order. */
function sortKey(key: JsonValue): string {
  return typeof key === 'string' ? key : typeof key === 'number' || typeof key === 'bigint' ? String(key) : '';
}

/** Double.toString: at least one digit after the point, and an exponent from 10^7 up and below 10^-3. */
export function javaDouble(value: number): string {
  if (!Number.isFinite(value)) return 'null';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value);
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
}
