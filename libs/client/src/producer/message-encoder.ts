import { RocketMQError, isThenable } from '../../../common/src/index.js';
import {
  MessageProperty,
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
import { compressedFlags, type BodyCodecs } from '../compression/index.js';
import type { OutgoingMessage } from '../contract/index.js';
import type { Namespace } from '../namespace.js';
import { delayProperty, isDelayed } from './delay-property.js';
import type { ProducerSettings } from './producer-settings.js';

/** A message, or a batch, as a send request carries it. */
export interface EncodedMessage {
  /** As brokers know it: in its namespace. */
  readonly topic: string;
  readonly body: Buffer;
  readonly sysFlag: number;
  readonly flag: number;
  readonly properties: string;
  readonly batch: boolean;
  /** Goes by the request for replies. */
  readonly isReply: boolean;
  /** UNIQ_KEY; a comma list for batches. */
  readonly msgId: string;
  /** What selectors see: the message, or the first of the batch. */
  readonly message: OutgoingMessage;
}

/** What the client itself says about a message, beside what the application does. */
export interface SystemPart {
  /** Encoded. */
  readonly properties: string;
  /** The topic is as brokers know it, and the request the one for replies. */
  readonly isReply?: boolean;
}

const waiting = encodeProperty(MessageProperty.WAIT, 'true');
const notWaiting = encodeProperty(MessageProperty.WAIT, 'false');

interface Parts {
  readonly settings: Pick<
    ProducerSettings,
    'compressMsgBodyOverHowmuch' | 'compressType' | 'compressLevel' | 'maxMessageSize'
  >;
  /** The producer's way of packing is loaded. */
  readonly codecs: Pick<BodyCodecs, 'get'>;
  readonly namespace: Namespace;
  readonly nextId: () => string;
}

/**
 * Checks a message and writes it down. Everything a broker would refuse, or silently change, is refused here with a
 * reason. A promise only when the body is compressed in the thread pool.
 *
 * @throws RocketMQError ARGUMENT_INVALID saying what is wrong.
 */
export class MessageEncoder {
  /** Most senders send to one topic: that it is right need not be found out again. */
  #lastTopic: unknown;

  readonly #settings: Parts['settings'];
  readonly #nextId: () => string;

  constructor(private readonly parts: Parts) {
    this.#settings = parts.settings;
    this.#nextId = parts.nextId;
  }

  encode(
    message: OutgoingMessage | readonly OutgoingMessage[],
    system?: SystemPart,
  ): EncodedMessage | Promise<EncodedMessage> {
    return isBatch(message) ? this.#encodeBatch(message) : this.#encodeOne(message, system);
  }

  #encodeOne(message: OutgoingMessage, system: SystemPart | undefined): EncodedMessage | Promise<EncodedMessage> {
    this.checkTopic(message.topic);
    const body = this.#body(message);
    const msgId = this.#nextId();
    const properties = propertiesOf(message, msgId, this.parts.namespace, system?.properties);
    const flag = flagOf(message);
    const isReply = system?.isReply === true;
    const encoded = {
      topic: isReply ? message.topic : this.parts.namespace.wrap(message.topic),
      body,
      sysFlag: 0,
      flag,
      properties,
      batch: false,
      isReply,
      msgId,
      message,
    };
    return body.length < this.#settings.compressMsgBodyOverHowmuch ? encoded : this.#compressed(encoded);
  }

  /** Batches are not compressed, as in Java: the broker takes the body apart. */
  #encodeBatch(messages: readonly OutgoingMessage[]): EncodedMessage {
    const [first] = messages;
    if (first === undefined) throw invalid('a batch needs at least one message');
    this.checkTopic(first.topic);
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
      if (isDelayed(message)) {
        throw invalid(
          `message ${i} of the batch asks for a delay, which RocketMQ does not do in batches; send it alone`,
        );
      }
      const id = this.#nextId();
      ids.push(id);
      return {
        flag: flagOf(message),
        body: this.#body(message),
        properties: propertiesOf(message, id, this.parts.namespace),
      };
    });
    const body = encodeBatchBody(parts);
    if (body.length > this.#settings.maxMessageSize) {
      throw invalid(
        `the batch has ${body.length} bytes, more than maxMessageSize (${this.#settings.maxMessageSize}); split it`,
      );
    }
    const properties = first.waitStoreMsgOK === false ? notWaiting : waiting;
    const msgId = ids.join(',');
    return {
      topic: this.parts.namespace.wrap(first.topic),
      body,
      sysFlag: 0,
      flag: 0,
      properties,
      batch: true,
      isReply: false,
      msgId,
      message: first,
    };
  }

  /** @throws RocketMQError ARGUMENT_INVALID */
  checkTopic(topic: unknown): void {
    if (topic === this.#lastTopic) return;
    checkTopic(topic);
    this.#lastTopic = topic;
  }

  /** Compression that gains nothing is not used: readers go by the flag. */
  #compressed(encoded: EncodedMessage): EncodedMessage | Promise<EncodedMessage> {
    const { compressType, compressLevel } = this.#settings;
    const { body } = encoded;
    const smaller = (bytes: Buffer): EncodedMessage =>
      bytes.length < body.length ? { ...encoded, body: bytes, sysFlag: compressedFlags[compressType] } : encoded;
    const bytes = this.parts.codecs.get(compressType).compress(body, compressLevel);
    return isThenable(bytes) ? bytes.then(smaller) : smaller(bytes);
  }

  #body(message: OutgoingMessage): Buffer {
    const given: unknown = message.body;
    const body = typeof given === 'string' ? Buffer.from(given, 'utf8') : given;
    if (!Buffer.isBuffer(body)) throw invalid('body must be a Buffer or a text');
    if (body.length === 0)
      throw invalid(`the body of a message to '${message.topic}' is empty, which RocketMQ refuses`);
    if (body.length > this.#settings.maxMessageSize) {
      throw invalid(
        `the body of a message to '${message.topic}' has ${body.length} bytes, more than maxMessageSize (${this.#settings.maxMessageSize})`,
      );
    }
    return body;
  }
}

function isBatch(message: OutgoingMessage | readonly OutgoingMessage[]): message is readonly OutgoingMessage[] {
  return Array.isArray(message);
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

function propertiesOf(message: OutgoingMessage, id: string, namespace: Namespace, system = ''): string {
  const { keys, tags, properties } = message;
  let text = keys === undefined ? '' : encodeProperty(MessageProperty.KEYS, keysText(keys));
  text += encodeProperty(MessageProperty.UNIQ_KEY, id);
  text += message.waitStoreMsgOK === false ? notWaiting : waiting;
  if (namespace.name !== '') text += encodeProperty(MessageProperty.INSTANCE_ID, namespace.name);
  if (isDelayed(message)) text += delayProperty(message);
  if (tags !== undefined) text += encodeProperty(MessageProperty.TAGS, checkValue('tags', tags));
  if (properties !== undefined)
    for (const name of Object.keys(properties)) text += userProperty(name, properties[name]);
  text += system;
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
