/** Where log lines go. `context` holds plain values; secrets and payloads never reach it. */
export interface Logger {
  debug(message: string, context?: LogContext): void;
  info(message: string, context?: LogContext): void;
  warn(message: string, context?: LogContext): void;
  error(message: string, context?: LogContext): void;
}

export type LogContext = Readonly<Record<string, unknown>>;

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

const longestValue = 1024;

/**
 * One event, one line: strings that came from a peer are JSON-escaped and cut at 1 KiB, so that a topic name with a
 * line feed in it cannot forge a line.
 */
export function formatLogLine(message: string, context: LogContext = {}): string {
  const pairs = Object.entries(context).map(([key, value]) => {
    const text = typeof value === 'string' ? value.slice(0, longestValue) : value;
    return `${key}=${escapeLine(JSON.stringify(text) ?? 'undefined')}`;
  });
  return [escapeLine(message.slice(0, 4 * longestValue)), ...pairs].join(' ');
}

/** Control characters and the Unicode line separators, as \u escapes. */
function escapeLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  return text.replace(
    /[\u0000-\u001f\u007f\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
