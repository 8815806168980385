import type {
  BodyCodec,
  ByteRange,
  Declaration,
  ExtraFields,
  Fields,
  HeaderOf,
  ReplyBody,
  ReplyInput,
  RequestBody,
  RequestHeader,
} from '../../protocol/src/index.js';
import type { Connection } from './connection.js';

/** What a handler answers: a value, never an exception. */
export type Outcome<D> = Ok<D> | Fail<D> | Hold;

export interface Ok<D> {
  readonly kind: 'ok';
  readonly header: ReplyInput<D>;
  readonly body: ReplyBody<D> | undefined;
  readonly remark: string;
  readonly extra: ExtraFields | undefined;
  /** False: the body's buffers are others from the next turn of the event loop on, and are copied before. */
  readonly isLasting: boolean;
}

export interface Fail<D = unknown> {
  readonly kind: 'fail';
  readonly code: number;
  readonly remark: string;
  /** Some refusals carry reply fields too (a pull that found nothing still says nextBeginOffset). */
  readonly header: Partial<ReplyInput<D>> | undefined;
}

/** The answer comes later, through `exchange.reply`; or never, when the connection closes first. */
export interface Hold {
  readonly kind: 'hold';
}

export const hold: Hold = { kind: 'hold' };

/** Body buffers above 8 KiB are sent by reference: they must not change afterwards, unless said so. */
type OkOptions<D> = { body?: ReplyBody<D>; remark?: string; extra?: ExtraFields; isLasting?: boolean };

export function ok<D>(header: ReplyInput<D>, options: OkOptions<D> = {}): Ok<D> {
  const { body, remark = '', extra, isLasting = true } = options;
  return { kind: 'ok', header, body, remark, extra, isLasting };
}

/** `code` is a ResponseCode; `remark` says what was wrong, where, and what to do. */
export function fail<D>(code: number, remark: string, header?: Partial<ReplyInput<D>>): Fail<D> {
  return { kind: 'fail', code, remark, header };
}

/** One request under way, as its handler sees it. */
export interface Exchange<D = unknown> {
  readonly connection: Connection;
  /** Decoded by the declaration. */
  readonly header: RequestHeader<D>;
  /**
   * All header fields as they came, for what no declaration lists (signatures, trace marks, HEART_BEAT_V2 flags). Read
   * when first asked for; empty once the handler has returned `hold`, or has returned and borrows the frame.
   */
  readonly ext: Readonly<Record<string, unknown>>;
  /**
   * The body as it came: a view, valid for as long as it is held; for a handler that borrows the frame, until it returns.
   * May keep a chunk of 64 KiB and more alive: copy what lives long. Empty once the handler has returned `hold`.
   */
  readonly bytes: Buffer;
  /** The same without the view, for handlers that go through it themselves. */
  readonly range: ByteRange;
  /** Decodes the body by the declaration. @throws RocketMQError PROTOCOL_VIOLATION (the router answers code 1 then) */
  body(): RequestBody<D>;
  readonly code: number;
  readonly version: number;
  readonly language: number;
  readonly oneWay: boolean;
  /** Answers a held request. Once; ignored when the connection is gone or the request was one-way. */
  reply(outcome: Ok<D> | Fail<D>): void;
}

/** Refuses, or lets pass by returning undefined. Guards run in list order, and the order is visible on the wire. */
export type Guard<D> = (exchange: Exchange<D>) => Fail<D> | undefined;

export interface Handler<D = unknown> {
  readonly declaration: D;
  readonly guards: readonly Guard<D>[];
  readonly run: (exchange: Exchange<D>) => Outcome<D> | Promise<Outcome<D>>;
  readonly borrowsFrame: boolean;
}

export interface HandlerOptions {
  /**
   * Done with the bytes of the request when `run` returns, even if that is a promise: no view of them is kept or sent, and a
   * body in the answer is bytes. Spares a copy of the frame. Default false.
   */
  readonly borrowsFrame?: boolean;
}

/** Whatever it handles: for lists and routers. Handlers of different requests have no other type in common. */
export interface AnyHandler {
  readonly declaration: unknown;
  readonly guards: readonly unknown[];
  readonly run: (exchange: never) => unknown;
  readonly borrowsFrame: boolean;
}

/** One request's handler: the declaration it serves, the guards in order, the function. */
export function handle<H extends Fields, R extends Fields, Q, P>(
  declaration: Declaration<H, R, Q, P>,
  guards: readonly Guard<Declaration<H, R, Q, P>>[],
  run: (
    exchange: Exchange<Declaration<H, R, Q, P>>,
  ) => Outcome<Declaration<H, R, Q, P>> | Promise<Outcome<Declaration<H, R, Q, P>>>,
  { borrowsFrame = false }: HandlerOptions = {},
): Handler<Declaration<H, R, Q, P>> {
  return { declaration, guards, run, borrowsFrame };
}

// Referenced by the types above only through inference.
export type { BodyCodec, HeaderOf };
