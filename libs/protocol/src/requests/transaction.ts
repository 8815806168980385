import { bytesBody } from '../bodies/index.js';
import { request, type Row } from '../declaration.js';
import { bool, int, long, text } from '../field.js';

/** A half message is found by both offsets, and belongs to whoever knows its group. */
const halfMessage = {
  /** Queue offset of the half message. */
  tranStateTableOffset: long(),
  /** Where it lies in the commit log. */
  commitLogOffset: long(),
};

export const endTransaction = request('END_TRANSACTION', {
  code: 37,
  server: 'broker',
  note: 'One-way: a producer commits or rolls back a half message, by itself or because the broker asked.',
  headerClass: 'EndTransactionRequestHeader',
  header: {
    /** Since 5.0. The real topic; after a check the half topic, as the broker had named it. */
    topic: text().optional(),
    producerGroup: text(),
    ...halfMessage,
    /** The transaction bits of a sysFlag: 8 commit, 12 rollback, 0 unknown. */
    commitOrRollback: int(),
    fromTransactionCheck: bool().or(false),
    msgId: text(),
    transactionId: text().optional(),
    bname: text().optional(),
  },
  access: [{ resource: 'topic', field: 'topic', action: 'PUB' }],
});

export const checkTransactionState = request('CHECK_TRANSACTION_STATE', {
  code: 39,
  server: 'client',
  note: 'One-way: a broker asks a producer group what became of a transaction; the answer is an END_TRANSACTION.',
  headerClass: 'CheckTransactionStateRequestHeader',
  header: {
    /** Since 5.0. The half topic. */
    topic: text().optional(),
    ...halfMessage,
    msgId: text().optional(),
    transactionId: text().optional(),
    offsetMsgId: text().optional(),
    bname: text().optional(),
  },
  /** The half message as a record, with the topic and queue that it is for. */
  requestBody: bytesBody,
  access: [{ resource: 'topic', field: 'topic', action: 'PUB' }],
});

export const resumeCheckHalfMessage = request('RESUME_CHECK_HALF_MESSAGE', {
  code: 323,
  server: 'broker',
  note: 'Lets a half message that was given up be asked about again.',
  headerClass: 'ResumeCheckHalfMessageRequestHeader',
  header: {
    /** Since 5.0. */
    topic: text().optional(),
    /** Offset id in TRANS_CHECK_MAX_TIME_TOPIC. */
    msgId: text().optional(),
  },
  access: [{ resource: 'topic', field: 'topic', action: 'UPDATE' }],
});

export const transactionRequests: readonly Row[] = [endTransaction, checkTransactionState, resumeCheckHalfMessage];
