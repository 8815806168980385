import { messageOf, RocketMQError } from '../../libs/common/src/index.js';

/** Turns the bytes of a body into what the handler's payload parameter takes. */
export type PayloadDecoder = (body: Buffer) => unknown;

/**
 * Chooses by the type of the parameter: String, Buffer (also Uint8Array), Number, Boolean, Array and classes from JSON.
 * An unknown type (interfaces leave no trace at run time) takes JSON objects and arrays as such and any other body as
 * text.
 *
 * Decoders throw PROTOCOL_VIOLATION, without a word of the payload, when a body is not what its type asks for.
 */
export function payloadDecoder(type: unknown): PayloadDecoder {
  if (type === String) return decodeText;
  if (type === Buffer || type === Uint8Array) return (body) => body;
  if (type === undefined || type === Object) return decodeJsonOrText;
  const name = typeof type === 'function' ? type.name : 'JSON';
  if (type === Number || type === Boolean || type === Array) return (body) => decodeTyped(body, name);
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

/** Text of another program may begin like JSON and be none: it stays text. */
function decodeJsonOrText(body: Buffer): unknown {
  const text = decodeText(body);
  const first = text.trimStart()[0];
  if (first !== '{' && first !== '[') return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function unreadable(reason: string, cause?: unknown): RocketMQError {
  // A parser's message quotes the text it stumbled over, so only its position is passed on.
  const position = /position \d+/.exec(messageOf(cause))?.[0];
  return new RocketMQError(
    'PROTOCOL_VIOLATION',
    `The payload cannot be read: ${reason}${position ? ` (at ${position})` : ''}`,
  );
}
