import { bytesBody } from '../bodies/index.js';
import { request, type RequestHeader, type Row } from '../declaration.js';
import { int, long, text } from '../field.js';

const pullHeader = {
  consumerGroup: text(),
  topic: text(),
  queueId: int(),
  queueOffset: long(),
  maxMsgNums: int(),
  /** Bits: see PullSysFlag. */
  sysFlag: int(),
  commitOffset: long(),
  /** Milliseconds to park the request when there is no message. */
  suspendTimeoutMillis: long(),
  /** Tag expression or SQL, when sysFlag says that the request carries its own. */
  subscription: text().optional(),
  subVersion: long(),
  expressionType: text().optional(),
  maxMsgBytes: int().optional(),
  requestSource: int().optional(),
  /** Java's spelling. */
  proxyFrowardClientId: text().optional(),
  bname: text().optional(),
};

/** Java's decoder insists on the first four for codes 0, 19, 20 and 21 alike. */
const pullReply = {
  suggestWhichBrokerId: long(),
  nextBeginOffset: long(),
  minOffset: long(),
  maxOffset: long(),
  offsetDelta: long().optional(),
  topicSysFlag: int().optional(),
  groupSysFlag: int().optional(),
  forbiddenType: int().optional(),
};

const access = [
  { resource: 'topic', field: 'topic', action: 'SUB' },
  { resource: 'group', field: 'consumerGroup', action: 'SUB' },
] as const;

export const pullMessage = request('PULL_MESSAGE', {
  code: 11,
  server: 'broker',
  note: 'Messages of a queue from an offset on; parked until one comes when sysFlag allows.',
  headerClass: 'PullMessageRequestHeader',
  header: pullHeader,
  replyClass: 'PullMessageResponseHeader',
  reply: pullReply,
  replyBody: bytesBody,
  access,
});

export const litePullMessage = request('LITE_PULL_MESSAGE', {
  code: 361,
  server: 'broker',
  note: 'PULL_MESSAGE as the lite pull consumer of 5.x sends it.',
  headerClass: 'PullMessageRequestHeader',
  header: pullHeader,
  replyClass: 'PullMessageResponseHeader',
  reply: pullReply,
  replyBody: bytesBody,
  access,
});

export type PullHeader = RequestHeader<typeof pullMessage>;

export const pullRequests: readonly Row[] = [pullMessage, litePullMessage];
