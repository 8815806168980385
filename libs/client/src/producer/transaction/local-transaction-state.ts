import { RocketMQError } from '../../../../common/src/index.js';
import { MessageSysFlag } from '../../../../protocol/src/message/index.js';
import type { LocalTransactionState } from '../../contract/index.js';

/** As END_TRANSACTION says it. */
export const endOf: Readonly<Record<LocalTransactionState, number>> = {
  COMMIT: MessageSysFlag.TRANSACTION_COMMIT,
  ROLLBACK: MessageSysFlag.TRANSACTION_ROLLBACK,
  UNKNOWN: 0,
};

export interface Settlement {
  readonly state: LocalTransactionState;
  readonly error: unknown;
}

/** Runs code of the application. Whatever it throws or returns, there is an answer. */
export async function settle(run: () => unknown): Promise<Settlement> {
  try {
    const state = await run();
    if (state === 'COMMIT' || state === 'ROLLBACK' || state === 'UNKNOWN') return { state, error: undefined };
    const shown = typeof state === 'string' ? JSON.stringify(state.slice(0, 64)) : `a ${typeof state}`;
    const text = `a local transaction must come to 'COMMIT', 'ROLLBACK' or 'UNKNOWN', not ${shown}`;
    return { state: 'UNKNOWN', error: new RocketMQError('ARGUMENT_INVALID', text) };
  } catch (error) {
    return { state: 'UNKNOWN', error };
  }
}
