import { messageOf, RocketMQError } from '../../libs/common/src/index.js';
import type { ReceivedMessage } from '../../libs/client/src/index.js';
import { contentTypeProperty, type DecodeContext, mediaTypeOf, type RocketMQCodec } from '../codec/codec.js';
import { bytesType, type Codecs, decodeBy, jsonType } from '../codec/codecs.js';
import type { PayloadType } from './listener-options.js';

/** What of a message says what its payload is. Properties are split when first asked for. */
export type EncodedMessage = Pick<ReceivedMessage, 'body' | 'properties'>;

/** Turns a message into what the handler's payload parameter takes. */
export type PayloadDecoder = (message: EncodedMessage) => unknown;

type BodyDecoder = (body: Buffer, message: EncodedMessage) => unknown;

/**
 * A message whose `contentType` names a codec of the application is read by it. Any other by the type of the parameter:
 * String, Buffer (also Uint8Array), Number, Boolean, Array and classes from JSON. Where the type is unknown (interfaces
 * leave no trace at run time) JSON objects and arrays are taken as such, whatever their content type: rocketmq-spring
 * calls every text text/plain, JSON that it got as a text too. Of other bodies application/json and
 * application/octet-stream are what they say, and the rest is text.
 *
 * Decoders throw PROTOCOL_VIOLATION, without a word of the payload, when a body is not what its type asks for.
 */
export function payloadDecoder(type: unknown, codecs: Codecs): PayloadDecoder {
  const payloadType = typeof type === 'function' && type !== Object ? (type as unknown as PayloadType) : undefined;
  const readJson = jsonReader(codecs.own(jsonType), payloadType);
  const decode = payloadType === undefined ? undefined : bodyDecoder(payloadType);
  // HOT PATH: nobody's content type is looked at where it could not matter.
  if (codecs.isEmpty && decode !== undefined) return ({ body }) => decode(body);
  const typed = readJson !== undefined && payloadType !== undefined && isMadeFromJson(payloadType) ? readJson : decode;
  const untyped = untypedDecoder(readJson ?? ((body) => decodeJson(body, 'the payload')));
  if (codecs.isEmpty) return untyped;
  return (message) => {
    const contentType = contentTypeOf(message);
    const codec = contentType === jsonType ? undefined : codecs.own(contentType);
    if (codec !== undefined) return decodeBy(codec, message.body, contextOf(message, codec.contentType, payloadType));
    return typed === undefined ? untyped(message) : typed(message.body, message);
  };
}

/** The content type is asked for where the body does not tell: splitting properties costs more than most bodies do. */
function untypedDecoder(json: BodyDecoder): PayloadDecoder {
  return (message) => {
    const { body } = message;
    if (beginsLikeJson(body)) {
      try {
        return json(body, message);
      } catch {
        // Text of another program may begin like JSON and be none.
      }
    }
    const contentType = contentTypeOf(message);
    if (contentType === bytesType) return body;
    return contentType === jsonType ? json(body, message) : decodeText(body);
  };
}

function contentTypeOf({ properties }: EncodedMessage): string | undefined {
  return mediaTypeOf(properties.get(contentTypeProperty));
}

/** A brace or a bracket, after white space. */
function beginsLikeJson(body: Buffer): boolean {
  for (const byte of body) {
    if (byte === 0x7b || byte === 0x5b) return true;
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return false;
  }
  return false;
}

/** By the application's own codec for JSON. */
function jsonReader(codec: RocketMQCodec | undefined, payloadType: PayloadType | undefined): BodyDecoder | undefined {
  if (codec === undefined) return undefined;
  return (body, message) => decodeBy(codec, body, contextOf(message, jsonType, payloadType));
}

function contextOf({ properties }: EncodedMessage, type: string, payloadType: PayloadType | undefined): DecodeContext {
  return { contentType: type.toLowerCase(), properties, payloadType };
}

function isMadeFromJson(type: unknown): boolean {
  return type !== String && type !== Buffer && type !== Uint8Array;
}

function bodyDecoder(type: PayloadType): (body: Buffer) => unknown {
  const made: unknown = type;
  if (made === String) return decodeText;
  if (!isMadeFromJson(made)) return (body) => body;
  const { name } = type;
  if (made === Number || made === Boolean || made === Array) return (body) => decodeTyped(body, name);
  return (body) => decodeObject(body, name);
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeText(body: Buffer): string {
  try {
    return strictUtf8.decode(body);
  } catch (error) {
    throw unreadable('it is not UTF-8 text; take bytes by declaring the payload as Buffer', error);
  }
}

function decodeJson(body: Buffer, name: string): unknown {
  const text = decodeText(body);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unreadable(`it is not JSON, which ${name} is made from; take text by declaring the payload as String`, error);
  }
}

function decodeTyped(body: Buffer, name: string): unknown {
  const value = decodeJson(body, name);
  const found = Array.isArray(value) ? 'Array' : value === null ? 'null' : typeof value;
  if (found.toLowerCase() !== name.toLowerCase()) throw unreadable(`${name} was asked for, its JSON holds ${found}`);
  return value;
}

function decodeObject(body: Buffer, name: string): object {
  const value = decodeJson(body, name);
  if (typeof value !== 'object' || value === null) {
    throw unreadable(`${name} is made from a JSON object; this holds ${value === null ? 'null' : typeof value}`);
  }
  return value;
}

function unreadable(reason: string, cause?: unknown): RocketMQError {
  // A parser's message quotes the text it stumbled over, so only its position is passed on.
  const position = /position \d+/.exec(messageOf(cause))?.[0];
  return new RocketMQError(
    'PROTOCOL_VIOLATION',
    `The payload cannot be read: ${reason}${position ? ` (at ${position})` : ''}`,
  );
}
