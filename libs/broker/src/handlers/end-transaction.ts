import {
  endTransaction as declaration,
  MessageSysFlag,
  ResponseCode,
  type RequestHeader,
} from '../../../protocol/src/index.js';
import { fail, handle, ok, type Fail } from '../../../remoting/src/index.js';
import { appended } from '../appending.js';
import type { BrokerParts } from '../parts.js';
import { committedMessage, HalfMessage } from '../transaction/half-message.js';

type Parts = Pick<BrokerParts, 'config' | 'clock' | 'store' | 'stats' | 'delayLevels' | 'transactions'>;
type Header = RequestHeader<typeof declaration>;
type Refusal = Fail<typeof declaration>;

const { TRANSACTION_COMMIT: commit, TRANSACTION_ROLLBACK: rollback } = MessageSysFlag;

/**
 * A producer ends a transaction. Committed, the message is stored once more where it is for; either way the half message
 * is written down as done, and only after what was committed is stored. Refusals in Java's order.
 */
export const endTransaction = (parts: Parts) =>
  handle(declaration, [], async ({ header }) => {
    const { store, transactions } = parts;
    const { commitOrRollback, commitLogOffset, tranStateTableOffset } = header;
    // The producer does not know yet: it will be asked. Java does not even answer.
    if (commitOrRollback === 0) return ok({});
    if (commitOrRollback !== commit && commitOrRollback !== rollback) return wrong('commitOrRollback field wrong');
    const bytes = await store.read(commitLogOffset);
    const half = bytes === undefined ? undefined : HalfMessage.read(bytes);
    if (bytes === undefined || half === undefined) return wrong('Find prepared transaction message failed');
    const refusal = refusalOf(parts, header, half);
    if (refusal !== undefined) return refusal;
    const { ops } = transactions;
    // It was said twice: once by the producer, once because it was asked.
    if (ops.endOf(tranStateTableOffset) !== undefined) return ok({});
    if (ops.isFull) return fail(ResponseCode.SYSTEM_BUSY, 'too many ends of transactions wait to be written');
    if (commitOrRollback === commit) {
      ops.begin(tranStateTableOffset);
      const failure = await storeCommitted(parts, bytes);
      if (failure !== undefined) {
        ops.abandon(tranStateTableOffset);
        return failure;
      }
    }
    ops.ended(tranStateTableOffset);
    return ok({});
  });

function refusalOf({ config, clock }: Parts, header: Header, half: HalfMessage): Refusal | undefined {
  const { brokerVersion, transactionTimeOut } = config;
  if (brokerVersion !== 'V4_9_7' && !header.fromTransactionCheck && half.hasImmunity) {
    // Since 5.0 who asked for patience has to keep to it: later only the answer to a check counts.
    const limit = Math.max(half.immunity(transactionTimeOut), transactionTimeOut);
    if (clock.now() - half.record.bornTimestamp > limit) {
      return fail(ResponseCode.ILLEGAL_OPERATION, `the transaction was to end within ${limit} ms, wait for its check`);
    }
  }
  if (half.group !== header.producerGroup) return wrong('The producer group wrong');
  if (half.record.queueOffset !== header.tranStateTableOffset) return wrong('The transaction state table offset wrong');
  return undefined;
}

/** Undefined once it is stored. */
async function storeCommitted(parts: Parts, half: Buffer): Promise<Refusal | undefined> {
  const { store, stats } = parts;
  const committed = committedMessage(half, parts);
  if ('problem' in committed) return wrong(committed.problem);
  const { message } = committed;
  const { status, reason, bytes, elapsed } = await appended(store, message);
  switch (status) {
    case 'OK':
    case 'FLUSH_DISK_TIMEOUT':
      stats.stored(message.topic, 1, bytes, elapsed);
      return undefined;
    case 'MESSAGE_ILLEGAL':
      stats.putFailures++;
      return fail(ResponseCode.MESSAGE_ILLEGAL, `The message is illegal. ${reason}`);
    case 'SERVICE_NOT_AVAILABLE':
      stats.putFailures++;
      return fail(ResponseCode.SERVICE_NOT_AVAILABLE, `Service not available now. ${reason}`);
    default:
      stats.putFailures++;
      return fail(ResponseCode.SYSTEM_ERROR, reason);
  }
}

function wrong(remark: string): Refusal {
  return fail(ResponseCode.SYSTEM_ERROR, remark);
}
