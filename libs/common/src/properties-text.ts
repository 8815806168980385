import { RocketMQError } from './errors.js';

/**
 * Java's `.properties` text (what broker.conf is, and what requests 25 and 318 carry): `key=value`, `key:value` or
 * `key value`, `#` and `!` comments, backslash continuation and escapes. Later keys win, as in Java.
 *
 * @throws RocketMQError CONFIG_INVALID for a broken \u escape, naming `source` and the line.
 */
export function parseProperties(text: string, source: string): Map<string, string> {
  const result = new Map<string, string>();
  const lines = text.split(/\r\n|\n|\r/);
  for (let i = 0; i < lines.length; i++) {
    const first = i;
    let line = (lines[i] ?? '').trimStart();
    if (line === '' || line.startsWith('#') || line.startsWith('!')) continue;
    while (endsInOddBackslashes(line) && i + 1 < lines.length)
      line = line.slice(0, -1) + (lines[++i] ?? '').trimStart();
    const { key, value } = splitPair(line);
    const where = `${source}:${first + 1}`;
    result.set(unescape(key, where), unescape(value, where).trimEnd());
  }
  return result;
}

/** The reverse of {@link parseProperties}, one `key=value` a line. */
export function formatProperties(entries: Iterable<readonly [string, string]>): string {
  let text = '';
  for (const [key, value] of entries) text += `${escapeText(key, true)}=${escapeText(value, false)}\n`;
  return text;
}

function endsInOddBackslashes(line: string): boolean {
  const tail = /\\*$/.exec(line)?.[0] ?? '';
  return tail.length % 2 === 1;
}

function splitPair(line: string): { key: string; value: string } {
  let end = 0;
  while (end < line.length && !'=: \t\f'.includes(line.charAt(end))) end += line.charAt(end) === '\\' ? 2 : 1;
  const rest = line.slice(end).trimStart();
  const value = rest.startsWith('=') || rest.startsWith(':') ? rest.slice(1).trimStart() : rest;
  return { key: line.slice(0, end), value };
}

const namedEscapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function unescape(text: string, where: string): string {
  return text.replace(/\\(u([0-9a-fA-F]{4})?|[\s\S]|$)/g, (_all, char: string, hex: string | undefined) => {
    if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
    if (char === 'u') throw new RocketMQError('CONFIG_INVALID', `${where}: a \\u escape needs four hexadecimal digits`);
    return namedEscapes[char] ?? char;
  });
}

function escapeText(text: string, isKey: boolean): string {
  const escaped = text.replace(
    /[\\\n\r\t\f]/g,
    (c) => ({ '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\f': '\\f' })[c] ?? c,
  );
  return isKey ? escaped.replace(/[ =:#!]/g, (c) => `\\${c}`) : escaped.replace(/^ /, '\\ ');
}
