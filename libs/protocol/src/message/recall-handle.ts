import { RocketMQError } from '../../../common/src/index.js';

/*
 * What a broker gives a sender to call a timed message back with (RecallMessageHandle, 5.3.2): "v1 topic broker instant
 * id" in URL-safe base64. The instant is one millisecond after the message's slot of the timer, in milliseconds.
 */
const version = 'v1';
const parts = 5;

export interface RecallHandle {
  /** As brokers know it: in its namespace. */
  readonly topic: string;
  readonly brokerName: string;
  /** Milliseconds since the epoch, as text: whoever uses it checks it. */
  readonly timestamp: string;
  /** UNIQ_KEY. */
  readonly messageId: string;
}

export function encodeRecallHandle({ topic, brokerName, timestamp, messageId }: RecallHandle): string {
  const bytes = Buffer.from([version, topic, brokerName, timestamp, messageId].join(' '));
  return bytes.toString('base64url').padEnd(Math.ceil(bytes.length / 3) * 4, '=');
}

/** @throws RocketMQError ARGUMENT_INVALID in Java's words. */
export function decodeRecallHandle(text: string): RecallHandle {
  const isBase64 = /^[A-Za-z0-9_-]+={0,2}$/.test(text);
  const items = isBase64 ? Buffer.from(text, 'base64url').toString('utf8').split(' ') : [];
  const [first, topic, brokerName, timestamp, messageId] = items;
  if (first !== version || items.length < parts || !topic || !brokerName || !timestamp || !messageId) {
    throw new RocketMQError('ARGUMENT_INVALID', 'recall handle is invalid');
  }
  return { topic, brokerName, timestamp, messageId };
}
