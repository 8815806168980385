import { RocketMQError, messageOf } from '../../../common/src/index.js';

/** How the body of a request or reply is written and read. */
export interface BodyCodec<T> {
  /** Shown in docs/protocol.md: "none", "bytes", "text", or the Java body class. */
  readonly label: string;
  encode(value: T, dialect: BodyDialect): Buffer | readonly Buffer[];
  /** @throws RocketMQError PROTOCOL_VIOLATION naming the body and what is wrong with it. */
  decode(bytes: Buffer): T;
}

/** What a body's spelling may depend on. */
export interface BodyDialect {
  /** The peer wants standard JSON (quoted map keys): clients of version V4_9_4 and later, in route replies. */
  readonly standardJson: boolean;
  /** The peer's MQVersion ordinal. */
  readonly peerVersion: number;
}

export const plainDialect: BodyDialect = { standardJson: false, peerVersion: 0 };

const emptyBuffer = Buffer.alloc(0);

/** No body; bytes that come all the same are ignored, as Java does. */
export const noBody: BodyCodec<undefined> = {
  label: 'none',
  encode: () => emptyBuffer,
  decode: () => undefined,
};

/** Raw bytes, one buffer or several that are sent back to back. Not copied: valid only while the frame is. */
export const bytesBody: BodyCodec<Buffer | readonly Buffer[]> = {
  label: 'bytes',
  encode: (value) => value,
  decode: (bytes) => bytes,
};

/** UTF-8 text. */
export const textBody: BodyCodec<string> = {
  label: 'text',
  encode: (value) => Buffer.from(value, 'utf8'),
  decode: (bytes) => bytes.toString('utf8'),
};

/** Decode errors become one kind of error that names the body. */
export function decodeAs<T>(label: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new RocketMQError('PROTOCOL_VIOLATION', `${label}: ${messageOf(error)}`, { cause: error });
  }
}
