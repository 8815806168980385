import type { PayloadType } from '../listener/listener-options.js';

/**
 * The user property that says what the body is. rocketmq-spring writes it on everything it sends; we write it only for
 * codecs of the application, since everybody can read the rest without being told.
 */
export const contentTypeProperty = 'contentType';

/** What an encoder knows besides the payload. */
export interface EncodeContext {
  readonly topic: string;
  readonly tags: string | undefined;
  /** User properties that go with the message. */
  readonly properties: Readonly<Record<string, string>>;
}

/** What a decoder knows besides the bytes. */
export interface DecodeContext {
  /** In lower case and without parameters. */
  readonly contentType: string;
  /** All properties of the message, the system's too. */
  readonly properties: ReadonlyMap<string, string>;
  /** What the receiver asked for; undefined when it did not say. */
  readonly payloadType: PayloadType | undefined;
}

/**
 * Turns payloads into bytes and back. Codecs of `RocketMQModule.forRoot({ codecs: [...] })` are used by name
 * (`send(..., { codec: 'application/x-protobuf' })`), which writes the property `contentType`, and for every message
 * received that has that property. One for application/json takes the place of JSON in both directions and writes
 * nothing.
 *
 * @example
 * ```ts
 * class Protobuf implements RocketMQCodec<Order> {
 *   readonly contentType = 'application/x-protobuf';
 *   encode(order: Order) { return OrderMessage.encode(order).finish(); }
 *   decode(body: Buffer) { return OrderMessage.decode(body); }
 * }
 * ```
 */
export interface RocketMQCodec<T = unknown> {
  /** 'type/subtype', without parameters. */
  readonly contentType: string;
  /** At once, no promise. What it throws makes the send reject. */
  encode(payload: T, context: EncodeContext): Uint8Array | string;
  /** At once, no promise. What it throws means that the payload cannot be read. */
  decode(body: Buffer, context: DecodeContext): T;
}

/** Of a `contentType` property: 'Text/Plain;charset=UTF-8' is 'text/plain'. */
export function mediaTypeOf(contentType: string | undefined): string | undefined {
  return contentType?.split(';', 1)[0]?.trim().toLowerCase();
}
