import type { SendResult, SendStatus, TransactionSendResult } from '../../libs/client/src/index.js';
import { type ErrorCode, messageOf, RocketMQError } from '../../libs/common/src/index.js';

interface Details {
  readonly cause?: unknown;
  readonly retryable?: boolean;
  readonly sendStatus?: SendStatus;
  readonly results?: readonly SendResult[];
  readonly sent?: number;
}

/**
 * A send that did not come to a good end although brokers have something of it. (What brokers refuse as a whole rejects
 * with ResponseError, whose `responseCode` is theirs; no connection, no answer and the like with RocketMQError.)
 */
export class RocketMQSendError extends RocketMQError {
  /** Of NOT_STORED_SAFELY: how safe it is. */
  readonly sendStatus: SendStatus | undefined;
  /** What brokers have stored: of a batch in several requests, one for each of them that was sent. */
  readonly results: readonly SendResult[];
  /** Payloads, from the first on, that these requests hold: they need not be sent again. */
  readonly sent: number;
  /** Of the refusal behind it, if there is one. */
  readonly responseCode: number | undefined;

  /** @internal */
  constructor(code: ErrorCode, message: string, { cause, retryable, sendStatus, results = [], sent = 0 }: Details) {
    super(code, message, { cause, retryable });
    this.name = 'RocketMQSendError';
    this.sendStatus = sendStatus;
    this.results = results;
    this.sent = sent;
    this.responseCode = responseCodeOf(cause);
  }
}

/** `requireStoreOk`, and the broker's answer was another. A transaction did not run then. */
export function notStoredSafely(result: SendResult, before: readonly SendResult[] = [], sent = 1): RocketMQSendError {
  const { sendStatus, msgId, messageQueue } = result;
  const isHalf = 'localTransactionState' in result;
  const now = isHalf ? 'Its transaction did not run, and was rolled back' : 'Sent again it may arrive twice';
  return new RocketMQSendError(
    'NOT_STORED_SAFELY',
    `${messageQueue.brokerName} stored ${msgId}, but not as safely as asked: ${sendStatus}. ${now}.`,
    { sendStatus, results: [...before, result], sent },
  );
}

/** A batch in several requests can fail in the middle: the caller has to know what need not be sent again. */
export function partlySent(
  results: readonly SendResult[],
  sent: number,
  total: number,
  cause: unknown,
): RocketMQSendError {
  const text = `Batch of ${total} messages: the first ${sent} were sent, the request after them failed: ${messageOf(cause)}`;
  // Anything else is the reason of an AbortSignal.
  const code = cause instanceof RocketMQError ? cause.code : 'ABORTED';
  return new RocketMQSendError(code, text, { cause, retryable: false, results, sent });
}

/** What the local transaction threw; the broker asks later what became of it. */
export function transactionFailed(result: TransactionSendResult): RocketMQSendError {
  return new RocketMQSendError(
    'TRANSACTION_FAILED',
    `The local transaction of ${result.msgId} threw: ${messageOf(result.localError)}. The broker was told UNKNOWN and will ask the checker.`,
    { cause: result.localError, sendStatus: result.sendStatus, results: [result], sent: 1 },
  );
}

function responseCodeOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('responseCode' in error)) return undefined;
  return typeof error.responseCode === 'number' ? error.responseCode : undefined;
}
