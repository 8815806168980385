import type { LocalTransaction, LocalTransactionState, OutgoingMessage } from '../../libs/client/src/index.js';
import type { TransactionState } from '../listener/rocketmq-transaction-listener.js';
import { RocketMQOptionsError } from '../options/validate.js';

/** The message that waits for its transaction. */
export interface HalfMessage {
  /** To be kept with what the transaction writes: the checker is asked by it, as `msgId`. */
  readonly transactionId: string;
  /** As the producer has it, encoded. */
  readonly message: OutgoingMessage;
  /** `options.transactionArg`. */
  readonly arg: unknown;
}

/**
 * What has to succeed together with a message. Runs when the broker has stored it and nobody can read it yet. When it
 * throws, the broker is told 'unknown', for nobody knows how far it came, and the send rejects.
 */
export type SendTransaction = (half: HalfMessage) => Promise<TransactionState>;

/** What answers mean: in capitals as Java says them, or in small letters. */
export const transactionStates: ReadonlyMap<unknown, LocalTransactionState> = new Map(
  (['COMMIT', 'ROLLBACK', 'UNKNOWN'] as const).flatMap((state) => [
    [state, state],
    [state.toLowerCase(), state],
  ]),
);

/** As the producer calls it. */
export function asLocalTransaction(transaction: SendTransaction): LocalTransaction {
  return async (message, transactionId, arg) => {
    const outcome: unknown = await transaction({ transactionId, message, arg });
    const state = transactionStates.get(outcome);
    if (state !== undefined) return state;
    throw new RocketMQOptionsError(
      `options.transaction must return 'commit', 'rollback' or 'unknown'; it returned a ${typeof outcome}`,
    );
  };
}
