import { keySeparator } from '../../../protocol/src/message/index.js';

/** What Java calls the kinds of messages, by their place in its MessageType. */
export const TracedType = { NORMAL: 0, HALF: 1, COMMIT: 2, DELAY: 3, ORDER: 4 } as const;

interface TracedMessage {
  /** UNIQ_KEY; for a batch all of them. */
  readonly msgId: string;
  readonly tags: string | undefined;
  /** As in KEYS, separated by blanks. */
  readonly keys: string | undefined;
}

/** A message was sent. Times are milliseconds, `timeStamp` since the epoch. */
export interface PubTrace extends TracedMessage {
  readonly kind: 'Pub';
  readonly timeStamp: number;
  readonly regionId: string;
  readonly group: string;
  readonly topic: string;
  readonly storeHost: string;
  readonly bodyLength: number;
  readonly costTime: number;
  readonly msgType: number;
  readonly offsetMsgId: string;
  readonly success: boolean;
}

/** A handler got messages; `requestId` binds this to what came of it. */
export interface SubBeforeTrace {
  readonly kind: 'SubBefore';
  readonly timeStamp: number;
  readonly regionId: string | undefined;
  readonly group: string;
  readonly topic: string;
  readonly requestId: string;
  readonly messages: readonly (Omit<TracedMessage, 'tags'> & { readonly retryTimes: number })[];
}

/** It ended. */
export interface SubAfterTrace {
  readonly kind: 'SubAfter';
  readonly timeStamp: number;
  readonly group: string;
  readonly topic: string;
  readonly requestId: string;
  readonly messages: readonly Omit<TracedMessage, 'tags'>[];
  /** For each message. */
  readonly costTime: number;
  readonly success: boolean;
  /** Place in Java's ConsumeReturnType. */
  readonly contextCode: number;
}

/** A transaction was ended by its producer. */
export interface EndTransactionTrace extends TracedMessage {
  readonly kind: 'EndTransaction';
  readonly timeStamp: number;
  readonly regionId: string;
  readonly group: string;
  readonly topic: string;
  readonly storeHost: string;
  readonly msgType: number;
  readonly transactionId: string;
  readonly transactionState: 'COMMIT_MESSAGE' | 'ROLLBACK_MESSAGE' | 'UNKNOW';
  readonly fromTransactionCheck: boolean;
}

/** A timed message was called back. */
export interface RecallTrace {
  readonly kind: 'Recall';
  readonly timeStamp: number;
  readonly regionId: string;
  readonly group: string;
  readonly topic: string;
  readonly msgId: string;
  readonly success: boolean;
}

export type TraceRecord = PubTrace | SubBeforeTrace | SubAfterTrace | EndTransactionTrace | RecallTrace;

/** TraceConstants.CONTENT_SPLITOR and FIELD_SPLITOR. */
export const fieldEnd = '\u0001';
export const recordEnd = '\u0002';

type Field = string | number | boolean | undefined;
type OfKind<K extends TraceRecord['kind']> = Extract<TraceRecord, { readonly kind: K }>;
type Lines = { readonly [K in TraceRecord['kind']]: (record: OfKind<K>) => readonly (readonly Field[])[] };

/** Fields of each kind behind its name, in Apache's order; a line for each message. */
const lines: Lines = {
  Pub: ({ timeStamp, regionId, group, topic, msgId, tags, keys, storeHost, bodyLength, ...rest }) => {
    const { costTime, msgType, offsetMsgId, success } = rest;
    const head = [timeStamp, regionId, group, topic, msgId, tags, keys, storeHost, bodyLength];
    return [[...head, costTime, msgType, offsetMsgId, success]];
  },
  SubBefore: ({ timeStamp, regionId, group, requestId, messages }) =>
    messages.map(({ msgId, retryTimes, keys }) => [timeStamp, regionId, group, requestId, msgId, retryTimes, keys]),
  SubAfter: ({ timeStamp, group, requestId, messages, costTime, success, contextCode }) =>
    messages.map(({ msgId, keys }) => [requestId, msgId, costTime, success, keys, contextCode, timeStamp, group]),
  EndTransaction: ({ timeStamp, regionId, group, topic, msgId, tags, keys, storeHost, msgType, ...rest }) => {
    const { transactionId, transactionState, fromTransactionCheck } = rest;
    const head = [timeStamp, regionId, group, topic, msgId, tags, keys, storeHost, msgType];
    return [[...head, transactionId, transactionState, fromTransactionCheck]];
  },
  Recall: ({ timeStamp, regionId, group, topic, msgId, success }) => [
    [timeStamp, regionId, group, topic, msgId, success],
  ],
};

/** As Apache's TraceDataEncoder writes it, whose strings that are null read "null". */
export function encodeTrace(record: TraceRecord): string {
  const linesOf = lines[record.kind] as (of: TraceRecord) => readonly (readonly Field[])[];
  return linesOf(record)
    .map((fields) => [record.kind, ...fields.map((field) => String(field ?? null))].join(fieldEnd) + recordEnd)
    .join('');
}

/** What the message that carries it is found by: ids and keys of the messages it is about. */
export function traceKeys(record: TraceRecord): string[] {
  const about: readonly { readonly msgId: string; readonly keys?: string | undefined }[] =
    'messages' in record ? record.messages : [record];
  return about.flatMap(({ msgId, keys }) => [msgId, ...(keys === undefined ? [] : keys.split(keySeparator))]);
}
