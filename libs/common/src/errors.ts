/**
 * Every operating error of this package. `code` is stable and may be matched on; `retryable` says whether the same call
 * may succeed later without anybody changing anything.
 */
export class RocketMQError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: { retryable?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'RocketMQError';
    this.code = code;
    this.retryable = options.retryable ?? retryableByDefault.has(code);
  }
}

/** What went wrong. Stable: made for programs, as the message is for people. */
export type ErrorCode =
  /** A configuration file, key or module option is wrong; the message names it and what is allowed. */
  | 'CONFIG_INVALID'
  /** An argument of a call is wrong. */
  | 'ARGUMENT_INVALID'
  /** No name server is configured, or none answers. */
  | 'NAME_SERVER_UNAVAILABLE'
  /** The topic has no route. */
  | 'TOPIC_NOT_FOUND'
  /** No broker could take the request. */
  | 'BROKER_UNAVAILABLE'
  /** A connection could not be made, or ended while a call was under way. */
  | 'CONNECTION_FAILED'
  /** No answer in time. */
  | 'TIMEOUT'
  /** Too many calls are under way. */
  | 'TOO_MANY_REQUESTS'
  /** The peer sent bytes that are no frame, header or body of the protocol. */
  | 'PROTOCOL_VIOLATION'
  /** The peer answered with a response code other than success; see ResponseError. */
  | 'REQUEST_REFUSED'
  /** The store is closed, fenced, locked by another process, or on an unwritable disk. */
  | 'STORE_UNAVAILABLE'
  /** A file of the store is damaged. */
  | 'STORE_CORRUPT'
  /** A port is taken or an address cannot be bound. */
  | 'LISTEN_FAILED'
  /** As many message handlers as may run at once do not come to an end. */
  | 'HANDLERS_STUCK'
  /** A message is stored, but not as safely as was asked for; sent again it may arrive twice. */
  | 'NOT_STORED_SAFELY'
  /** A local transaction threw; the broker asks later what became of it. */
  | 'TRANSACTION_FAILED'
  /** Whoever handled a request answered with an error. */
  | 'REPLIED_WITH_ERROR'
  /** The caller gave up: its AbortSignal fired when a part was done. */
  | 'ABORTED'
  /** The object was closed. */
  | 'CLOSED'
  /** A feature that is not there; the message says why. */
  | 'UNSUPPORTED';

const retryableByDefault: ReadonlySet<ErrorCode> = new Set([
  'NAME_SERVER_UNAVAILABLE',
  'BROKER_UNAVAILABLE',
  'CONNECTION_FAILED',
  'TIMEOUT',
  'TOO_MANY_REQUESTS',
  'NOT_STORED_SAFELY',
]);

/** The text of anything thrown. `instanceof Error` is not asked: errors of other realms (test runners, workers) count too. */
export function messageOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message);
  return String(error);
}

/** Whether anything thrown says of itself that the same call may succeed later. */
export function isRetryable(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'retryable' in error && error.retryable === true;
}

/** The `code` of anything thrown (`ECONNREFUSED`, `ENOENT`, ...), or undefined. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
