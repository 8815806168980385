import { bytesBody } from '../bodies/index.js';
import { request, type RequestHeader, type RequestInput, type Row } from '../declaration.js';
import { bool, int, long, text, utf8 } from '../field.js';

/** What every send carries. V2 writes the same fields under single letters. */
const sendHeader = {
  producerGroup: text(),
  topic: text(),
  /** Topic whose queue count and permission an auto-created topic inherits. */
  defaultTopic: text(),
  defaultTopicQueueNums: int(),
  /** Negative: the broker chooses. */
  queueId: int(),
  /** Bits: see MessageSysFlag. */
  sysFlag: int(),
  bornTimestamp: long(),
  flag: int(),
  properties: utf8().optional(),
  reconsumeTimes: int().or(0),
  unitMode: bool().or(false),
  maxReconsumeTimes: int().optional(),
  batch: bool().or(false),
  /** Broker name, as the sender knows it. */
  bname: text().optional(),
};

const sendHeaderV2 = {
  producerGroup: sendHeader.producerGroup.wire('a'),
  topic: sendHeader.topic.wire('b'),
  defaultTopic: sendHeader.defaultTopic.wire('c'),
  defaultTopicQueueNums: sendHeader.defaultTopicQueueNums.wire('d'),
  queueId: sendHeader.queueId.wire('e'),
  sysFlag: sendHeader.sysFlag.wire('f'),
  bornTimestamp: sendHeader.bornTimestamp.wire('g'),
  flag: sendHeader.flag.wire('h'),
  properties: sendHeader.properties.wire('i'),
  reconsumeTimes: sendHeader.reconsumeTimes.wire('j'),
  unitMode: sendHeader.unitMode.wire('k'),
  maxReconsumeTimes: sendHeader.maxReconsumeTimes.wire('l'),
  batch: sendHeader.batch.wire('m'),
  bname: sendHeader.bname.wire('n'),
};

const sendReply = {
  /** Offset message id; a comma list for batches. */
  msgId: text(),
  queueId: int(),
  queueOffset: long(),
  /** The message's UNIQ_KEY. */
  transactionId: text().optional(),
  batchUniqId: text().optional(),
  recallHandle: text().optional(),
  region: text().wire('MSG_REGION').optional(),
  /** Tracing is off only when this is exactly "false". */
  traceOn: text().wire('TRACE_ON').optional(),
};

/** What a send is made of, and what answers it. */
const sendForm = {
  headerClass: 'SendMessageRequestHeader',
  header: sendHeader,
  replyClass: 'SendMessageResponseHeader',
  reply: sendReply,
  requestBody: bytesBody,
} as const;

/** The same under single letters. */
const sendFormV2 = { ...sendForm, headerClass: 'SendMessageRequestHeaderV2', header: sendHeaderV2 } as const;

const access = [{ resource: 'topic', field: 'topic', action: 'PUB' }] as const;

export const sendMessage = request('SEND_MESSAGE', {
  code: 10,
  server: 'broker',
  note: 'Stores one message. The Go client sends this form.',
  ...sendForm,
  access,
});

export const sendMessageV2 = request('SEND_MESSAGE_V2', {
  code: 310,
  server: 'broker',
  note: 'SEND_MESSAGE with one-letter keys: what Java clients send.',
  ...sendFormV2,
  access,
});

export const sendBatchMessage = request('SEND_BATCH_MESSAGE', {
  code: 320,
  server: 'broker',
  note: 'Stores all messages of a batch body in one queue, or none.',
  ...sendFormV2,
  access,
});

export const recallMessage = request('RECALL_MESSAGE', {
  code: 370,
  server: 'broker',
  note: 'Cancels a message that waits for its instant. Since 5.3.2.',
  headerClass: 'RecallMessageRequestHeader',
  header: {
    producerGroup: text().optional(),
    topic: text(),
    /** As the answer to the send had it. */
    recallHandle: text(),
    bname: text().optional(),
  },
  replyClass: 'RecallMessageResponseHeader',
  reply: {
    /** UNIQ_KEY of the message. */
    msgId: text(),
    region: text().wire('MSG_REGION').optional(),
  },
  access,
});

/** The same for all sends. */
export type SendHeader = RequestHeader<typeof sendMessage>;
export type SendInput = RequestInput<typeof sendMessage>;

export const sendReplyMessage = request('SEND_REPLY_MESSAGE', {
  code: 324,
  server: 'broker',
  note: 'A reply for the client named by its property REPLY_TO_CLIENT. Nobody sends this form any more.',
  ...sendForm,
  access,
});

export const sendReplyMessageV2 = request('SEND_REPLY_MESSAGE_V2', {
  code: 325,
  server: 'broker',
  note: 'SEND_REPLY_MESSAGE with one-letter keys: what Java clients send.',
  ...sendFormV2,
  access,
});

export const pushReplyMessageToClient = request('PUSH_REPLY_MESSAGE_TO_CLIENT', {
  code: 326,
  server: 'client',
  note: 'Hands a reply to the producer that asked; answered when it was taken.',
  headerClass: 'ReplyMessageRequestHeader',
  header: {
    producerGroup: text(),
    topic: text(),
    defaultTopic: text(),
    defaultTopicQueueNums: int(),
    queueId: int(),
    sysFlag: int(),
    bornTimestamp: long(),
    flag: int(),
    properties: text().optional(),
    reconsumeTimes: int().or(0),
    unitMode: bool().or(false),
    /** "ip:port", both. */
    bornHost: text(),
    storeHost: text(),
    storeTimestamp: long(),
  },
  requestBody: bytesBody,
});

export const sendRequests: readonly Row[] = [
  sendMessage,
  sendMessageV2,
  sendBatchMessage,
  sendReplyMessage,
  sendReplyMessageV2,
  pushReplyMessageToClient,
  recallMessage,
];
