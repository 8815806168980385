import { messageOf, RocketMQError } from '../../libs/common/src/index.js';
import { optionsError } from '../options/validate.js';
import { type DecodeContext, type EncodeContext, mediaTypeOf, type RocketMQCodec } from './codec.js';

/** What an `options.codec` may be: a name, or a codec that nobody else needs to know. */
export type CodecChoice = 'json' | 'text' | 'bytes' | (string & {}) | RocketMQCodec;

/** A body, and what the receiver has to be told of it: nothing, unless an own codec made it. */
export interface EncodedPayload {
  readonly body: Buffer | string;
  readonly contentType: string | undefined;
}

export const jsonType = 'application/json';
export const bytesType = 'application/octet-stream';
const textType = 'text/plain';

/** The three that need no codec, by both of their names. */
const builtIn: ReadonlyMap<string, 'json' | 'text' | 'bytes'> = new Map([
  ['json', 'json'],
  [jsonType, 'json'],
  ['text', 'text'],
  [textType, 'text'],
  ['bytes', 'bytes'],
  [bytesType, 'bytes'],
]);

/** JSON, text, bytes, and the codecs of the application. */
export class Codecs {
  readonly #own = new Map<string, RocketMQCodec>();

  /** @throws RocketMQOptionsError naming every codec that cannot be used, and why. */
  constructor(own: readonly RocketMQCodec[] = []) {
    const problems: string[] = [];
    for (const [index, codec] of own.entries()) {
      const problem = codecProblem(codec) ?? this.#placeTaken(codec.contentType);
      if (problem !== undefined) problems.push(`codecs[${index}] ${problem}`);
      else this.#own.set(codec.contentType.toLowerCase(), codec);
    }
    if (problems.length > 0) throw optionsError('RocketMQModule', problems);
  }

  /** No message needs to be looked at for its content type. */
  get isEmpty(): boolean {
    return this.#own.size === 0;
  }

  /** The application's codec for a media type. */
  own(mediaType: string | undefined): RocketMQCodec | undefined {
    return mediaType === undefined ? undefined : this.#own.get(mediaType);
  }

  /**
   * Without a choice text goes as UTF-8, bytes as they are, anything else as JSON.
   *
   * @throws RocketMQError ARGUMENT_INVALID when there is nothing to send, or the codec cannot hold it.
   */
  encode(payload: unknown, choice: CodecChoice | undefined, context: EncodeContext): EncodedPayload {
    if (payload === undefined || payload === null) {
      throw invalid(`payload is ${String(payload)}; send a text, bytes or an object`);
    }
    if (choice === undefined) {
      if (typeof payload === 'string') return { body: payload, contentType: undefined };
      const bytes = asBytes(payload);
      return { body: bytes ?? this.#json(payload, context), contentType: undefined };
    }
    if (typeof choice === 'object') {
      const problem = codecProblem(choice);
      if (problem !== undefined) throw invalid(`options.codec ${problem}`);
      return { body: encodeBy(choice, payload, context), contentType: choice.contentType };
    }
    return this.#encodeAs(choice, payload, context);
  }

  #encodeAs(name: string, payload: unknown, context: EncodeContext): EncodedPayload {
    const own = this.#own.get(name.toLowerCase());
    if (own !== undefined && own.contentType.toLowerCase() !== jsonType) {
      return { body: encodeBy(own, payload, context), contentType: own.contentType };
    }
    switch (builtIn.get(name.toLowerCase())) {
      case 'json':
        return { body: this.#json(payload, context), contentType: undefined };
      case 'text':
        if (typeof payload === 'string') return { body: payload, contentType: undefined };
        throw invalid(`payload is a ${typeof payload}, codec 'text' takes a text`);
      case 'bytes': {
        const bytes = asBytes(payload);
        if (bytes !== undefined) return { body: bytes, contentType: undefined };
        throw invalid(`payload is a ${typeof payload}, codec 'bytes' takes a Buffer or Uint8Array`);
      }
      default:
        throw invalid(
          `options.codec '${name}' is unknown; known: ${['json', 'text', 'bytes', ...this.#own.keys()].join(', ')}. Own ones belong into RocketMQModule's option codecs.`,
        );
    }
  }

  #json(payload: unknown, context: EncodeContext): Buffer | string {
    const own = this.#own.get(jsonType);
    return own === undefined ? jsonText(payload) : encodeBy(own, payload, context);
  }

  #placeTaken(contentType: string): string | undefined {
    const type = contentType.toLowerCase();
    if (this.#own.has(type)) return `is the second for ${type}`;
    if (type !== jsonType && builtIn.has(type)) return `is for ${type}, which needs none`;
    return undefined;
  }
}

/**
 * @throws RocketMQError PROTOCOL_VIOLATION, whose message has no word of the payload: what the codec threw may quote it,
 *   so it is the cause only.
 */
export function decodeBy(codec: RocketMQCodec, body: Buffer, context: DecodeContext): unknown {
  try {
    return codec.decode(body, context);
  } catch (error) {
    const name = typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : typeof error;
    throw new RocketMQError(
      'PROTOCOL_VIOLATION',
      `The payload cannot be read: the codec for ${codec.contentType} threw ${name}`,
      { cause: error },
    );
  }
}

function encodeBy(codec: RocketMQCodec, payload: unknown, context: EncodeContext): Buffer | string {
  let encoded: unknown;
  try {
    encoded = codec.encode(payload, context);
  } catch (error) {
    throw invalid(`payload cannot be written by the codec for ${codec.contentType}: ${messageOf(error)}`, error);
  }
  const body = typeof encoded === 'string' ? encoded : asBytes(encoded);
  if (body !== undefined) return body;
  throw invalid(`the codec for ${codec.contentType} must return a text or bytes, not ${typeof encoded}`);
}

function asBytes(value: unknown): Buffer | undefined {
  if (Buffer.isBuffer(value)) return value;
  if (!(value instanceof Uint8Array)) return undefined;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

function jsonText(payload: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(payload);
  } catch (error) {
    throw invalid(`payload cannot be written as JSON: ${messageOf(error)}`, error);
  }
  if (text === undefined) throw invalid(`payload is a ${typeof payload}, which JSON cannot hold`);
  return text;
}

function codecProblem(codec: unknown): string | undefined {
  const { contentType, encode, decode } = (codec ?? {}) as Partial<Record<keyof RocketMQCodec, unknown>>;
  if (typeof contentType !== 'string' || mediaTypeOf(contentType) !== contentType.toLowerCase()) {
    return `must have a contentType, 'type/subtype' without parameters`;
  }
  if (!/^[\w.+-]+\/[\w.+-]+$/.test(contentType)) return `must have a contentType 'type/subtype', not '${contentType}'`;
  if (typeof encode !== 'function' || typeof decode !== 'function') return 'must have the functions encode and decode';
  return undefined;
}

function invalid(message: string, cause?: unknown): RocketMQError {
  return new RocketMQError('ARGUMENT_INVALID', message, { cause });
}
