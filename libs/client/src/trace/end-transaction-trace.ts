import type { Clock } from '../../../common/src/index.js';
import type { LocalTransactionState } from '../contract/index.js';
import type { Namespace } from '../namespace.js';
import type { TraceDispatcher } from './trace-dispatcher.js';
import { TracedType, type EndTransactionTrace } from './trace-record.js';

/** A broker is told what a transaction came to. */
export interface EndedTransaction {
  /** As brokers know them. */
  readonly group: string;
  readonly topic: string;
  readonly tags: string | undefined;
  readonly keys: string | undefined;
  readonly msgId: string;
  readonly regionId: string;
  /** "host:port". */
  readonly brokerAddress: string;
  readonly state: LocalTransactionState;
  readonly fromTransactionCheck: boolean;
}

interface Parts {
  readonly dispatcher: TraceDispatcher;
  readonly clock: Clock;
  readonly namespace: Namespace;
}

const states: Readonly<Record<LocalTransactionState, EndTransactionTrace['transactionState']>> = {
  COMMIT: 'COMMIT_MESSAGE',
  ROLLBACK: 'ROLLBACK_MESSAGE',
  UNKNOWN: 'UNKNOW',
};

/** Traces it as Java does: the transaction's id is the message's, and every end is of the type of a commit. */
export function endTransactionTrace({ dispatcher, clock, namespace }: Parts): (ended: EndedTransaction) => void {
  return ({ group, topic, state, brokerAddress, ...ended }) =>
    dispatcher.add({
      ...ended,
      kind: 'EndTransaction',
      timeStamp: clock.now(),
      group: namespace.unwrap(group),
      topic: namespace.unwrap(topic),
      storeHost: brokerAddress,
      msgType: TracedType.COMMIT,
      transactionId: ended.msgId,
      transactionState: states[state],
    });
}
