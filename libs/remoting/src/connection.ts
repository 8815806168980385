import type { Declaration, ExtraFields, Fields, HeaderInput, HeaderOf } from '../../protocol/src/index.js';

/** A reply that came in. */
export interface Reply<R, P> {
  readonly header: R;
  readonly body: P;
  readonly remark: string;
  /** All header fields as they came. */
  readonly ext: Readonly<Record<string, unknown>>;
  readonly version: number;
}

export interface CallOptions<Q> {
  readonly body?: Q;
  /** Milliseconds until RocketMQError TIMEOUT. Default 3000. */
  readonly timeout?: number;
  readonly extra?: ExtraFields;
  readonly signal?: AbortSignal;
  /**
   * Response codes other than success that are answers, not errors: the promise resolves with `code` set.
   * Anything else rejects with ResponseError.
   */
  readonly accept?: readonly number[];
}

export interface CodedReply<R, P> extends Reply<R, P> {
  /** ResponseCode: 0, or one of CallOptions.accept. Reply fields that did not come are absent then. */
  readonly code: number;
}

/** Who a reply is for: what the two functions of a promise do, for callers that need no promise. Neither may throw. */
export interface ReplyReceiver<R, P> {
  replied(reply: CodedReply<R, P>): void;
  failed(error: unknown): void;
}

/** One TCP connection, whichever side opened it. Requests travel both ways, each side with opaque ids of its own. */
export interface Connection {
  /** Unique among the connections of one server or client, and never given twice. */
  readonly id: number;
  /** "ip:port" as the socket sees it. */
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly closed: boolean;
  /** Responses that came too late or that nobody had asked for; they are ignored. */
  readonly unmatchedResponses: number;
  call<H extends Fields, R extends Fields, Q, P>(
    declaration: Declaration<H, R, Q, P>,
    header: HeaderInput<H>,
    options?: CallOptions<Q>,
  ): Promise<CodedReply<HeaderOf<R>, P>>;
  /** As `call`; the outcome goes to `receiver`, possibly at once. Never throws. */
  request<H extends Fields, R extends Fields, Q, P>(
    declaration: Declaration<H, R, Q, P>,
    header: HeaderInput<H>,
    options: CallOptions<Q>,
    receiver: ReplyReceiver<HeaderOf<R>, P>,
  ): void;
  /** True when the request will be sent; false when the connection is closed, or full because the peer does not read. */
  oneWay<H extends Fields, R extends Fields, Q, P>(
    declaration: Declaration<H, R, Q, P>,
    header: HeaderInput<H>,
    options?: Pick<CallOptions<Q>, 'body' | 'extra'>,
  ): boolean;
  /** Calls under way reject with CONNECTION_FAILED naming `reason`. Idempotent. */
  close(reason: string): void;
  /** Runs once, at once if already closed. */
  onClose(listener: (reason: string) => void): void;
}
