/*
 * HOT PATH (every call of ours). One object per call; its reply is one more, with the header the decoder made and a view
 * of the body. Copies nothing. Benchmarks: template, listener.
 */
import {
  decodeHeader,
  readReplyHeader,
  ResponseCode,
  ResponseError,
  type AnyDeclaration,
  type Command,
  type Declaration,
  type ExtFields,
  type Field,
  type Fields,
  type HeaderOf,
} from '../../protocol/src/index.js';
import type { CallOptions, CodedReply, ReplyReceiver } from './connection.js';

/** Milliseconds, where a call does not say. */
export const defaultCallTimeout = 3000;

/** A call that waits for its response. */
export interface PendingCall {
  readonly opaque: number;
  readonly declaration: AnyDeclaration;
  /** Milliseconds. */
  readonly timeout: number;
  /** On the monotonic clock. */
  readonly deadline: number;
  succeed(response: Command): void;
  fail(error: unknown): void;
}

/** Turns the response into the reply of its declaration, or the error that it is, and tells the receiver. */
export class AwaitedReply<H extends Fields, R extends Fields, Q, P> implements PendingCall {
  readonly timeout: number;
  readonly deadline: number;
  private readonly accept: readonly number[] | undefined;
  private readonly signal: AbortSignal | undefined;
  private onAbort: (() => void) | undefined;

  constructor(
    readonly opaque: number,
    readonly declaration: Declaration<H, R, Q, P>,
    { timeout = defaultCallTimeout, accept, signal }: CallOptions<Q>,
    now: number,
    private readonly receiver: ReplyReceiver<HeaderOf<R>, P>,
    private readonly peer: string,
  ) {
    this.timeout = timeout;
    this.deadline = now + timeout;
    this.accept = accept;
    this.signal = signal;
  }

  /** Fails with the signal's reason when it aborts; `forget` takes the call off the list of those under way. */
  failOnAbort(signal: AbortSignal, forget: () => void): void {
    this.onAbort = () => {
      forget();
      this.receiver.failed(signal.reason);
    };
    signal.addEventListener('abort', this.onAbort, { once: true });
  }

  succeed(response: Command): void {
    this.stopListening();
    let reply: CodedReply<HeaderOf<R>, P>;
    try {
      reply = this.read(response);
    } catch (error) {
      this.receiver.failed(error);
      return;
    }
    this.receiver.replied(reply);
  }

  fail(error: unknown): void {
    this.stopListening();
    this.receiver.failed(error);
  }

  private stopListening(): void {
    if (this.onAbort !== undefined) this.signal?.removeEventListener('abort', this.onAbort);
  }

  private read(response: Command): CodedReply<HeaderOf<R>, P> {
    const { declaration, accept } = this;
    const { code, body } = response;
    if (code === ResponseCode.SUCCESS) {
      const header = readReplyHeader(declaration, response);
      return new ReceivedReply(response, header, declaration.replyBody.decode(body));
    }
    if (accept === undefined || !accept.includes(code)) {
      throw new ResponseError(code, response.remark, this.peer, declaration.name);
    }
    const header = decodeHeader(fieldsThatCame(declaration.reply, response.ext), response.ext) as HeaderOf<R>;
    const decoded = body.length === 0 ? (undefined as P) : declaration.replyBody.decode(body);
    return new ReceivedReply(response, header, decoded);
  }
}

class ReceivedReply<R, P> implements CodedReply<R, P> {
  constructor(
    private readonly response: Command,
    readonly header: R,
    readonly body: P,
  ) {}

  get code(): number {
    return this.response.code;
  }

  get remark(): string {
    return this.response.remark;
  }

  /** Asked for by few: the fast decoder reads them only then. */
  get ext(): ExtFields {
    return this.response.ext;
  }

  get version(): number {
    return this.response.version;
  }
}

/** A refusal need not carry what a success must. */
function fieldsThatCame(fields: Fields, ext: ExtFields): Fields {
  const came: Record<string, Field> = {};
  for (const name in fields) {
    const field = fields[name] as Field;
    const keys = [field.wireKey ?? name, ...field.aliases];
    if (keys.some((key) => ext[key] !== undefined && ext[key] !== null)) came[name] = field;
  }
  return came;
}
