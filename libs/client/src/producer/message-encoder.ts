import { promisify } from 'node:util';
import { deflate, deflateSync } from 'node:zlib';
import { RocketMQError } from '../../../common/src/index.js';
import {
  MessageProperty,
  MessageSysFlag,
  encodeBatchBody,
  encodeProperty,
  hasPropertySeparator,
  isClosedToSenders,
  isRetryTopic,
  keySeparator,
  maxPropertiesLength,
  messagePropertyNames,
  topicNameProblem,
} from '../../../protocol/src/message/index.js';
import type { OutgoingMessage } from '../contract/index.js';
import type { ProducerSettings } from './producer-settings.js';

/** A message, or a batch, as a send request carries it. */
export interface EncodedMessage {
  readonly topic: string;
  readonly body: Buffer;
  readonly sysFlag: number;
  readonly flag: number;
  readonly properties: string;
  readonly batch: boolean;
  /** UNIQ_KEY; a comma list for batches. */
  readonly msgId: string;
  /** What selectors see: the message, or the first of the batch. */
  readonly message: OutgoingMessage;
}

/** Java's default level, a fair trade of time for size. */
const compressionLevel = 5;
/** As Java since 4.9.4: the method is named, though older readers know no other. */
const deflatedFlags = MessageSysFlag.COMPRESSED | MessageSysFlag.COMPRESSION_ZLIB;
/** Compressing more than this would hold up the event loop for milliseconds: it goes to the thread pool. */
const compressInThreadPoolFrom = 64 * 1024;
const deflateInThreadPool = promisify(deflate);

const waiting = encodeProperty(MessageProperty.WAIT, 'true');
const notWaiting = encodeProperty(MessageProperty.WAIT, 'false');

type Limits = Pick<ProducerSettings, 'compressMsgBodyOverHowmuch' | 'maxMessageSize'>;

/**
 * Checks a message and writes it down. Everything a broker would refuse, or silently change, is refused here with a
 * reason. A promise only when the body is compressed in the thread pool.
 *
 * @throws RocketMQError ARGUMENT_INVALID saying what is wrong.
 */
export class MessageEncoder {
  /** Most senders send to one topic: that it is right need not be found out again. */
  #lastTopic: unknown;

  constructor(
    private readonly limits: Limits,
    private readonly nextId: () => string,
  ) {}

  encode(message: OutgoingMessage | readonly OutgoingMessage[]): EncodedMessage | Promise<EncodedMessage> {
    return isBatch(message) ? this.#encodeBatch(message) : this.#encodeOne(message);
  }

  #encodeOne(message: OutgoingMessage): EncodedMessage | Promise<EncodedMessage> {
    this.#checkTopic(message.topic);
    const body = this.#body(message);
    const msgId = this.nextId();
    const properties = propertiesOf(message, msgId);
    const flag = flagOf(message);
    const encoded = { topic: message.topic, body, sysFlag: 0, flag, properties, batch: false, msgId, message };
    return body.length < this.limits.compressMsgBodyOverHowmuch ? encoded : deflated(encoded);
  }

  /** Batches are not compressed, as in Java: the broker takes the body apart. */
  #encodeBatch(messages: readonly OutgoingMessage[]): EncodedMessage {
    const [first] = messages;
    if (first === undefined) throw invalid('a batch needs at least one message');
    this.#checkTopic(first.topic);
    if (isRetryTopic(first.topic)) throw invalid(`topic '${first.topic}' takes no batches`);
    const ids: string[] = [];
    const parts = messages.map((message, i) => {
      if (message.topic !== first.topic) {
        throw invalid(
          `message ${i} of the batch goes to topic '${message.topic}', the first to '${first.topic}'; send one batch per topic`,
        );
      }
      if ((message.waitStoreMsgOK ?? true) !== (first.waitStoreMsgOK ?? true)) {
        throw invalid(`message ${i} of the batch has another waitStoreMsgOK than the first; send one batch for each`);
      }
      const id = this.nextId();
      ids.push(id);
      return { flag: flagOf(message), body: this.#body(message), properties: propertiesOf(message, id) };
    });
    const body = encodeBatchBody(parts);
    if (body.length > this.limits.maxMessageSize) {
      throw invalid(
        `the batch has ${body.length} bytes, more than maxMessageSize (${this.limits.maxMessageSize}); split it`,
      );
    }
    const properties = first.waitStoreMsgOK === false ? notWaiting : waiting;
    const msgId = ids.join(',');
    return { topic: first.topic, body, sysFlag: 0, flag: 0, properties, batch: true, msgId, message: first };
  }

  #checkTopic(topic: unknown): void {
    if (topic === this.#lastTopic) return;
    checkTopic(topic);
    this.#lastTopic = topic;
  }

  #body(message: OutgoingMessage): Buffer {
    const given: unknown = message.body;
    const body = typeof given === 'string' ? Buffer.from(given, 'utf8') : given;
    if (!Buffer.isBuffer(body)) throw invalid('body must be a Buffer or a text');
    if (body.length === 0)
      throw invalid(`the body of a message to '${message.topic}' is empty, which RocketMQ refuses`);
    if (body.length > this.limits.maxMessageSize) {
      throw invalid(
        `the body of a message to '${message.topic}' has ${body.length} bytes, more than maxMessageSize (${this.limits.maxMessageSize})`,
      );
    }
    return body;
  }
}

function isBatch(message: OutgoingMessage | readonly OutgoingMessage[]): message is readonly OutgoingMessage[] {
  return Array.isArray(message);
}

/** Compression that gains nothing is not used: readers go by the flag. */
function deflated(encoded: EncodedMessage): EncodedMessage | Promise<EncodedMessage> {
  const { body } = encoded;
  const smaller = (bytes: Buffer): EncodedMessage =>
    bytes.length < body.length ? { ...encoded, body: bytes, sysFlag: deflatedFlags } : encoded;
  const options = { level: compressionLevel };
  if (body.length < compressInThreadPoolFrom) return smaller(deflateSync(body, options));
  return deflateInThreadPool(body, options).then(smaller);
}

function flagOf({ flag = 0 }: OutgoingMessage): number {
  if ((flag | 0) === flag) return flag;
  throw invalid(`flag must be a 32-bit integer, not ${String(flag)}`);
}

function checkTopic(topic: unknown): void {
  if (typeof topic !== 'string') throw invalid('topic must be a text');
  const problem = topicNameProblem(topic);
  if (problem !== undefined) throw invalid(`topic ${JSON.stringify(topic.slice(0, 64))}: ${problem}`);
  if (isClosedToSenders(topic)) throw invalid(`Sending message to topic[${topic}] is forbidden.`);
}

function propertiesOf(message: OutgoingMessage, id: string): string {
  const { keys, tags, properties } = message;
  let text = keys === undefined ? '' : encodeProperty(MessageProperty.KEYS, keysText(keys));
  text += encodeProperty(MessageProperty.UNIQ_KEY, id);
  text += message.waitStoreMsgOK === false ? notWaiting : waiting;
  if (tags !== undefined) text += encodeProperty(MessageProperty.TAGS, checkValue('tags', tags));
  if (properties !== undefined)
    for (const name of Object.keys(properties)) text += userProperty(name, properties[name]);
  // A UTF-16 unit takes at most three bytes.
  if (text.length * 3 > maxPropertiesLength && Buffer.byteLength(text) > maxPropertiesLength) {
    throw invalid(`properties, keys and tags take ${Buffer.byteLength(text)} bytes, more than ${maxPropertiesLength}`);
  }
  return text;
}

function keysText(keys: string | readonly string[]): string {
  if (typeof keys === 'string') return checkValue('keys', keys);
  for (const key of keys) {
    if (checkValue('keys', key).includes(keySeparator)) {
      throw invalid(`key ${JSON.stringify(key.slice(0, 64))} holds a blank, which separates keys`);
    }
  }
  return keys.join(keySeparator);
}

function userProperty(name: string, value: unknown): string {
  if (messagePropertyNames.has(name)) throw invalid(`property name '${name}' is reserved by RocketMQ`);
  if (name.trim() === '') throw invalid('a property has a blank name');
  if (hasPropertySeparator(name)) throw invalid(`property name ${JSON.stringify(name)} holds 0x01 or 0x02`);
  const text = checkValue(`property '${name}'`, value);
  if (text.trim() === '') throw invalid(`property '${name}' is blank, which RocketMQ drops`);
  return encodeProperty(name, text);
}

function checkValue(what: string, value: unknown): string {
  if (typeof value !== 'string') throw invalid(`${what} must be a text`);
  if (hasPropertySeparator(value)) throw invalid(`${what} holds 0x01 or 0x02, which separate properties`);
  return value;
}

function invalid(message: string): RocketMQError {
  return new RocketMQError('ARGUMENT_INVALID', message);
}
