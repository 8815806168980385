import { type DeliveryDelay, type OutgoingMessage, splitBatch } from '../../libs/client/src/index.js';
import { messageOf, RocketMQError } from '../../libs/common/src/index.js';
import { contentTypeProperty } from '../codec/codec.js';
import type { Codecs } from '../codec/codecs.js';
import { RocketMQOptionsError } from '../options/validate.js';
import { BatchItem } from './batch-item.js';
import { OneMessage } from './one-message.js';
import { deliveryDelay } from './delivery-delay.js';
import { parseDestination } from './destination.js';
import type { AnySendOptions } from './send-options.js';

const noProperties: Readonly<Record<string, string>> = {};
const atOnce: DeliveryDelay = {};

/**
 * HOT PATH (every send). The message that a payload and checked options make. Copies the properties only when a codec
 * adds one. Benchmark: template.
 *
 * @throws RocketMQError ARGUMENT_INVALID for a destination or payload that cannot be sent.
 */
export function outgoing(
  destination: string,
  payload: unknown,
  options: AnySendOptions,
  codecs: Codecs,
): OutgoingMessage {
  if (payload instanceof BatchItem) throw new RocketMQOptionsError('a BatchItem is for an array of payloads');
  const { topic, tags: given } = parseDestination(destination);
  const { keys, properties, flag, waitStoreMsgOK, delay, delayLevel, deliverAt } = options;
  const tags = tagOf(given, options, destination);
  const isPlainText = typeof payload === 'string' && options.codec === undefined;
  const { body, contentType } = isPlainText
    ? { body: payload, contentType: undefined }
    : codecs.encode(payload instanceof OneMessage ? payload.payload : payload, options.codec, {
        topic,
        tags,
        properties: properties ?? noProperties,
      });
  const isDelayed = delay !== undefined || delayLevel !== undefined || deliverAt !== undefined;
  const { delayTimeMs, delayTimeLevel, deliverTimeMs } = isDelayed ? deliveryDelay(options) : atOnce;
  return {
    topic,
    body,
    tags,
    keys,
    properties: contentType === undefined ? properties : withContentType(properties, contentType),
    flag,
    waitStoreMsgOK,
    delayTimeMs,
    delayTimeLevel,
    deliverTimeMs,
  };
}

/** One message a payload, in runs of at most `limit` bytes. */
export function outgoingBatches(
  destination: string,
  payloads: readonly unknown[],
  options: AnySendOptions,
  codecs: Codecs,
  limit: number,
): OutgoingMessage[][] {
  if (payloads.length === 0) throw new RocketMQOptionsError('payload is an empty array: a batch needs a message');
  const messages = payloads.map((payload, index) => {
    try {
      if (!(payload instanceof BatchItem)) return outgoing(destination, payload, options, codecs);
      return outgoing(destination, payload.payload, { ...options, ...payload.options }, codecs);
    } catch (error) {
      throw new RocketMQError('ARGUMENT_INVALID', `payload[${index}]: ${messageOf(error)}`, { cause: error });
    }
  });
  return splitBatch(messages, limit);
}

function tagOf(given: string | undefined, { tag }: AnySendOptions, destination: string): string | undefined {
  if (tag === undefined) return given;
  if (given !== undefined) {
    throw new RocketMQOptionsError(
      `options.tag cannot be combined with the tag of destination '${destination}': a message has one tag`,
    );
  }
  if (typeof tag === 'string' && tag.trim() !== '') return tag;
  throw new RocketMQOptionsError('options.tag must be a text that is not empty');
}

function withContentType(
  properties: Readonly<Record<string, string>> | undefined,
  contentType: string,
): Readonly<Record<string, string>> {
  const own = properties?.[contentTypeProperty];
  if (own === undefined || own === contentType) return { ...properties, [contentTypeProperty]: contentType };
  throw new RocketMQOptionsError(
    `options.properties.${contentTypeProperty} cannot be combined with options.codec: the codec writes '${contentType}' there`,
  );
}
