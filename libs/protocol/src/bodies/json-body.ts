import { readJson, writeJson, type JsonStyle, type Shape } from '../fastjson/index.js';
import { decodeAs, type BodyCodec, type BodyDialect } from './body-codec.js';

/**
 * A body in fastjson's dialect. `label` is the Java class. `style` may depend on who reads it; compact by default, as
 * Java's RemotingSerializable writes.
 */
export function jsonBody<T>(
  label: string,
  shape: Shape<T>,
  style: (dialect: BodyDialect) => JsonStyle = () => 'compact',
): BodyCodec<T> {
  return {
    label,
    encode: (value, dialect) => Buffer.from(writeJson(shape.write(value) ?? null, style(dialect)), 'utf8'),
    decode: (bytes) => decodeAs(label, () => readShape(shape, bytes.toString('utf8'))),
  };
}

function readShape<T>(shape: Shape<T>, text: string): T {
  const json = readJson(text);
  return json === null ? shape.absent('the body') : shape.read(json, '$');
}

/** The body may be left out: undefined. */
export function optionalBody<T>(codec: BodyCodec<T>): BodyCodec<T | undefined> {
  return {
    label: `${codec.label}, or none`,
    encode: (value, dialect) => (value === undefined ? Buffer.alloc(0) : codec.encode(value, dialect)),
    decode: (bytes) => (bytes.length === 0 ? undefined : codec.decode(bytes)),
  };
}
