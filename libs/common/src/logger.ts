/** Where log lines go. `context` holds plain values; secrets and payloads never reach it. */
export interface Logger {
  /** For whoever looks for a mistake. */
  debug(message: string, context?: LogContext): void;
  /** What happened. */
  info(message: string, context?: LogContext): void;
  /** What somebody should look at. */
  warn(message: string, context?: LogContext): void;
  /** What failed. */
  error(message: string, context?: LogContext): void;
}

/** Plain values by name. */
export type LogContext = Readonly<Record<string, unknown>>;

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

const longestValue = 1024;

/**
 * One event, one line: values are JSON and cut at 1 KiB, and control characters are escaped, so that a topic name with
 * a line feed in it cannot forge a line. Never throws, whatever the context holds.
 */
export function formatLogLine(message: string, context: LogContext = {}): string {
  const pairs = Object.entries(context).map(([key, value]) => `${escapeLine(key)}=${escapeLine(showValue(value))}`);
  return [escapeLine(cut(message, 4 * longestValue)), ...pairs].join(' ');
}

function showValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(cut(value, longestValue));
  try {
    const text = JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner));
    return cut(text ?? String(value), longestValue);
  } catch {
    return '(not to be shown as JSON)';
  }
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}...` : text;
}

/** Control characters and the Unicode line separators, as \u escapes. */
function escapeLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
