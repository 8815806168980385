import type { OutgoingMessage, ReceivedMessage } from './message.js';
import type { SendOptions, SendResult } from './producer.js';

/** COMMIT: consumers get the message. ROLLBACK: nobody ever does. UNKNOWN: the broker asks later. */
export type LocalTransactionState = 'COMMIT' | 'ROLLBACK' | 'UNKNOWN';

/**
 * What has to succeed together with the message. Runs when the broker has stored it, and nobody can read it yet. What it
 * throws counts as UNKNOWN, for nobody knows how far it came. (An answer that is no promise is taken, too; were it in the
 * type, TypeScript would take `return 'COMMIT'` in an async function for any text.)
 *
 * @param transactionId the message's unique key: the checker gets it as `msgId`
 * @param arg of TransactionSendOptions
 */
export type LocalTransaction = (
  message: OutgoingMessage,
  transactionId: string,
  arg?: unknown,
) => Promise<LocalTransactionState>;

/**
 * Says what became of a transaction, for a broker that was not told: any producer of the group may be asked, also one
 * that was started later. What it throws counts as UNKNOWN.
 */
export type LocalTransactionChecker = (message: ReceivedMessage) => Promise<LocalTransactionState>;

/** Both in one. */
export interface TransactionListener {
  executeLocalTransaction: LocalTransaction;
  checkLocalTransaction: LocalTransactionChecker;
}

/** Of one send in a transaction. */
export interface TransactionSendOptions extends SendOptions {
  /** Nobody is asked about the transaction for so long, seconds. Default: the broker's transactionTimeOut, 6 s. */
  readonly checkImmunityTimeInSeconds?: number;
  /** Handed to the local transaction. */
  readonly arg?: unknown;
}

/** What the broker answered, and what it was told then. */
export interface TransactionSendResult extends SendResult {
  /** What the broker was told. ROLLBACK when the message was not stored safely: the local transaction did not run then. */
  readonly localTransactionState: LocalTransactionState;
  /** What the local transaction threw. */
  readonly localError: unknown;
}
