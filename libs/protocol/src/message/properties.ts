/*
 * Properties of a message in one text: name 0x01 value 0x02 name 0x01 value ... The last 0x02 is written by senders
 * since 5.2 and by all brokers since; older ones leave it out, so both are read. Pairs with an empty name or value are
 * no pairs.
 */

const nameEnd = '\u0001';
const pairEnd = '\u0002';

/** Names with a meaning of their own (MessageConst). Users may not set them. */
export const MessageProperty = {
  KEYS: 'KEYS',
  TAGS: 'TAGS',
  WAIT: 'WAIT',
  DELAY: 'DELAY',
  RETRY_TOPIC: 'RETRY_TOPIC',
  REAL_TOPIC: 'REAL_TOPIC',
  REAL_QID: 'REAL_QID',
  TRAN_MSG: 'TRAN_MSG',
  PGROUP: 'PGROUP',
  MIN_OFFSET: 'MIN_OFFSET',
  MAX_OFFSET: 'MAX_OFFSET',
  BUYER_ID: 'BUYER_ID',
  ORIGIN_MESSAGE_ID: 'ORIGIN_MESSAGE_ID',
  TRANSFER_FLAG: 'TRANSFER_FLAG',
  CORRECTION_FLAG: 'CORRECTION_FLAG',
  MQ2_FLAG: 'MQ2_FLAG',
  RECONSUME_TIME: 'RECONSUME_TIME',
  MSG_REGION: 'MSG_REGION',
  TRACE_ON: 'TRACE_ON',
  UNIQ_KEY: 'UNIQ_KEY',
  EXTEND_UNIQ_INFO: 'EXTEND_UNIQ_INFO',
  MAX_RECONSUME_TIMES: 'MAX_RECONSUME_TIMES',
  CONSUME_START_TIME: 'CONSUME_START_TIME',
  INNER_NUM: 'INNER_NUM',
  INNER_BASE: 'INNER_BASE',
  DUP_INFO: 'DUP_INFO',
  TRAN_PREPARED_QUEUE_OFFSET: 'TRAN_PREPARED_QUEUE_OFFSET',
  TRANSACTION_ID: '__transactionId__',
  TRANSACTION_CHECK_TIMES: 'TRANSACTION_CHECK_TIMES',
  CHECK_IMMUNITY_TIME_IN_SECONDS: 'CHECK_IMMUNITY_TIME_IN_SECONDS',
  INSTANCE_ID: 'INSTANCE_ID',
  CORRELATION_ID: 'CORRELATION_ID',
  REPLY_TO_CLIENT: 'REPLY_TO_CLIENT',
  TTL: 'TTL',
  ARRIVE_TIME: 'ARRIVE_TIME',
  PUSH_REPLY_TIME: 'PUSH_REPLY_TIME',
  CLUSTER: 'CLUSTER',
  MSG_TYPE: 'MSG_TYPE',
  POP_CK: 'POP_CK',
  POP_CK_OFFSET: 'POP_CK_OFFSET',
  FIRST_POP_TIME: '1ST_POP_TIME',
  SHARDING_KEY: '__SHARDINGKEY',
  FORWARD_QUEUE_ID: 'PROPERTY_FORWARD_QUEUE_ID',
  REDIRECT: 'REDIRECT',
  INNER_MULTI_DISPATCH: 'INNER_MULTI_DISPATCH',
  INNER_MULTI_QUEUE_OFFSET: 'INNER_MULTI_QUEUE_OFFSET',
  TRACE_CONTEXT: 'TRACE_CONTEXT',
  TIMER_DELAY_SEC: 'TIMER_DELAY_SEC',
  TIMER_DELAY_MS: 'TIMER_DELAY_MS',
  TIMER_DELIVER_MS: 'TIMER_DELIVER_MS',
  TIMER_ENQUEUE_MS: 'TIMER_ENQUEUE_MS',
  TIMER_DEQUEUE_MS: 'TIMER_DEQUEUE_MS',
  TIMER_ROLL_TIMES: 'TIMER_ROLL_TIMES',
  TIMER_OUT_MS: 'TIMER_OUT_MS',
  TIMER_DEL_UNIQKEY: 'TIMER_DEL_UNIQKEY',
  TIMER_DELAY_LEVEL: 'TIMER_DELAY_LEVEL',
  BORN_HOST: '__BORNHOST',
  BORN_TIMESTAMP: 'BORN_TIMESTAMP',
  CRC32: '__CRC32#',
  DLQ_ORIGIN_TOPIC: 'DLQ_ORIGIN_TOPIC',
  DLQ_ORIGIN_MESSAGE_ID: 'DLQ_ORIGIN_MESSAGE_ID',
} as const;

export type MessagePropertyName = (typeof MessageProperty)[keyof typeof MessageProperty];

export const messagePropertyNames: ReadonlySet<string> = new Set(Object.values(MessageProperty));

/** Between the keys in KEYS. */
export const keySeparator = ' ';

/** Undefined and empty values are left out, as readers would drop them. */
export function encodeProperties(pairs: Iterable<readonly [string, string | undefined]>): string {
  let text = '';
  for (const [name, value] of pairs) text += encodeProperty(name, value);
  return text;
}

/** One of them. */
export function encodeProperty(name: string, value: string | undefined): string {
  return value && name ? name + nameEnd + value + pairEnd : '';
}

export function decodeProperties(text: string): Map<string, string> {
  const map = new Map<string, string>();
  let at = 0;
  while (at < text.length) {
    const found = text.indexOf(pairEnd, at);
    const end = found < 0 ? text.length : found;
    const middle = text.indexOf(nameEnd, at);
    if (middle > at && middle < end - 1) map.set(text.slice(at, middle), text.slice(middle + 1, end));
    at = end + 1;
  }
  return map;
}

/** One value without building a map: the last one, as in the map, or undefined. */
export function propertyOf(text: string, name: string): string | undefined {
  const head = name + nameEnd;
  for (let at = text.lastIndexOf(head); at >= 0; at = at === 0 ? -1 : text.lastIndexOf(head, at - 1)) {
    if (at > 0 && text[at - 1] !== pairEnd) continue;
    const start = at + head.length;
    const found = text.indexOf(pairEnd, start);
    const end = found < 0 ? text.length : found;
    if (end > start) return text.slice(start, end);
  }
  return undefined;
}

/** `text` with `name` set to `value`, whether it was there or not. */
export function withProperty(text: string, name: string, value: string): string {
  const rest = withoutProperty(text, name);
  const open = rest !== '' && !rest.endsWith(pairEnd);
  return `${rest}${open ? pairEnd : ''}${name}${nameEnd}${value}${pairEnd}`;
}

/** `text` without the pairs called `name`; the very same text when there are none. */
export function withoutProperty(text: string, name: string): string {
  const head = name + nameEnd;
  if (!text.includes(head)) return text;
  return text
    .split(pairEnd)
    .filter((pair) => !pair.startsWith(head))
    .join(pairEnd);
}

/** Whether a name or value would break the text apart. */
export function hasPropertySeparator(text: string): boolean {
  return text.includes(nameEnd) || text.includes(pairEnd);
}
