import { RocketMQError } from './errors.js';

/**
 * Java's `.properties` text (what broker.conf is, and what requests 25 and 318 carry), read exactly as
 * `java.util.Properties.load(Reader)` reads it: `key=value`, `key:value` or `key value`; lines beginning with `#` or `!`
 * are comments; a backslash at the end of a line continues it; `\t \n \r \f \uXXXX` and `\` before anything else are
 * escapes; spaces after a value belong to it. A later key replaces an earlier one. Only a lone backslash at the very end,
 * an empty key to Java, is no entry here.
 *
 * @throws RocketMQError CONFIG_INVALID for a broken \u escape, naming `source` and the line.
 */
export function parseProperties(text: string, source: string): Map<string, string> {
  const result = new Map<string, string>();
  for (const { line, number } of logicalLines(text)) {
    const { key, value } = splitPair(line);
    const where = `${source}:${number}`;
    result.set(unescapeText(key, where), unescapeText(value, where));
  }
  return result;
}

/**
 * The reverse of {@link parseProperties}, one `key=value` a line. Everything outside ASCII is escaped, because Java
 * reads the bytes of such a text as Latin-1.
 */
export function formatProperties(entries: Iterable<readonly [string, string]>): string {
  let text = '';
  for (const [key, value] of entries) {
    text += `${escapeText(key).replace(/[ =:#!]/g, '\\$&')}=${escapeText(value).replace(/^ /, '\\ ')}\n`;
  }
  return text;
}

interface LogicalLine {
  readonly line: string;
  /** Where it begins, from 1. */
  readonly number: number;
}

function* logicalLines(text: string): Generator<LogicalLine> {
  const lines = text.split(/\r\n|\n|\r/);
  let pending: LogicalLine | undefined;
  for (const [index, natural] of lines.entries()) {
    const content = natural.replace(/^[ \t\f]+/, '');
    const line: string = (pending?.line ?? '') + content;
    // What precedes may be empty (a lone backslash): then this is the beginning of a logical line still.
    const isBeginning = pending === undefined || pending.line === '';
    if (isBeginning && (content === '' || /^[#!]/.test(content))) {
      pending = undefined;
      continue;
    }
    const number: number = pending?.number ?? index + 1;
    if (endsInOddBackslashes(content)) {
      pending = { line: line.slice(0, -1), number };
    } else {
      pending = undefined;
      yield { line, number };
    }
  }
  if (pending && pending.line !== '') yield pending;
}

function endsInOddBackslashes(line: string): boolean {
  const tail = /\\*$/.exec(line)?.[0] ?? '';
  return tail.length % 2 === 1;
}

function splitPair(line: string): { key: string; value: string } {
  let end = 0;
  while (end < line.length && !'=: \t\f'.includes(line.charAt(end))) end += line.charAt(end) === '\\' ? 2 : 1;
  return { key: line.slice(0, end), value: line.slice(end).replace(/^[ \t\f]*[=:]?[ \t\f]*/, '') };
}

const namedEscapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function unescapeText(text: string, where: string): string {
  return text.replace(/\\(u([0-9a-fA-F]{4})?|[\s\S]|$)/g, (_all, char: string, hex: string | undefined) => {
    if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
    if (char === 'u') throw new RocketMQError('CONFIG_INVALID', `${where}: a \\u escape needs four hexadecimal digits`);
    return namedEscapes[char] ?? char;
  });
}

function escapeText(text: string): string {
  return text.replace(/[^ -[\]-~]/g, (char) => {
    const name = Object.keys(namedEscapes).find((letter) => namedEscapes[letter] === char);
    if (char === '\\' || name) return `\\${name ?? '\\'}`;
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
