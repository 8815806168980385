import type { Fields, HeaderInput, HeaderOf, WrittenHeader } from './field.js';
import { noBody, type BodyCodec } from './bodies/body-codec.js';
import { HeaderWriter } from './header-writer.js';

/** Who answers a request. `client` requests travel from a broker to its clients on the clients' own connections. */
export type Server = 'broker' | 'namesrv' | 'client';

/** What the request touches, for access control: the header field that names it, and the right it needs. */
export interface AccessRule {
  readonly resource: 'topic' | 'group' | 'cluster';
  /** Header property that holds the name; absent when the name is in the body or there is none. */
  readonly field?: string;
  readonly action: 'PUB' | 'SUB' | 'GET' | 'UPDATE' | 'DELETE' | 'LIST' | 'CREATE';
}

/**
 * A request of the remoting protocol, declared once and imported by both ends. Types, both header codecs, router entry,
 * log name, the row in docs/protocol.md and the golden-bytes case derive from it.
 */
export interface Declaration<H extends Fields = Fields, R extends Fields = Fields, Q = unknown, P = unknown> {
  readonly supported: true;
  /** Apache's constant name. */
  readonly name: string;
  readonly code: number;
  /** Mostly one; a broker passes some requests on to its clients. */
  readonly servers: readonly Server[];
  readonly header: H;
  readonly reply: R;
  /** Simple names of Apache's classes of the two, which golden bytes are recorded from; absent when it has none. */
  readonly headerClass?: string;
  readonly replyClass?: string;
  /** Both, compiled for writing. */
  readonly headerWriter: HeaderWriter;
  readonly replyWriter: HeaderWriter;
  /** Body of the request and of the reply. */
  readonly requestBody: BodyCodec<Q>;
  readonly replyBody: BodyCodec<P>;
  readonly access: readonly AccessRule[];
  /** One sentence for docs/protocol.md. */
  readonly note: string;
}

/** A request code of Apache's that nobody here serves, and why. Answered with code 3. */
export interface UnsupportedDeclaration {
  readonly supported: false;
  readonly name: string;
  readonly code: number;
  readonly server: Server | 'controller' | 'container' | 'dledger';
  readonly reason: string;
}

/** Any supported declaration, whatever its types. */
export type AnyDeclaration = Declaration;

/** One request code: served or not. */
export type Row = AnyDeclaration | UnsupportedDeclaration;

interface DeclarationInput<H extends Fields, R extends Fields, Q, P> {
  readonly code: number;
  readonly server: Server | readonly Server[];
  readonly note: string;
  readonly headerClass?: string;
  readonly header?: H;
  readonly replyClass?: string;
  readonly reply?: R;
  readonly requestBody?: BodyCodec<Q>;
  readonly replyBody?: BodyCodec<P>;
  readonly access?: readonly AccessRule[];
}

/** No fields at all. */
// oxlint-disable-next-line typescript/no-generated-empty-object-type -- that is what it means
type None = Record<never, never>;

export function request<H extends Fields = None, R extends Fields = None, Q = undefined, P = undefined>(
  name: string,
  input: DeclarationInput<H, R, Q, P>,
): Declaration<H, R, Q, P> {
  const header = input.header ?? ({} as H);
  const reply = input.reply ?? ({} as R);
  return {
    supported: true,
    name,
    code: input.code,
    servers: typeof input.server === 'string' ? [input.server] : input.server,
    note: input.note,
    header,
    reply,
    ...(input.headerClass !== undefined && { headerClass: input.headerClass }),
    ...(input.replyClass !== undefined && { replyClass: input.replyClass }),
    headerWriter: new HeaderWriter(header),
    replyWriter: new HeaderWriter(reply),
    requestBody: input.requestBody ?? (noBody as BodyCodec<unknown> as BodyCodec<Q>),
    replyBody: input.replyBody ?? (noBody as BodyCodec<unknown> as BodyCodec<P>),
    access: input.access ?? [],
  };
}

export function unsupported(
  name: string,
  code: number,
  server: UnsupportedDeclaration['server'],
  reason: string,
): UnsupportedDeclaration {
  return { supported: false, name, code, server, reason };
}

export type RequestHeader<D> = D extends Declaration<infer H, infer _R, infer _Q, infer _P> ? HeaderOf<H> : never;
export type RequestInput<D> = D extends Declaration<infer H, infer _R, infer _Q, infer _P> ? HeaderInput<H> : never;
export type ReplyHeader<D> = D extends Declaration<infer _H, infer R, infer _Q, infer _P> ? HeaderOf<R> : never;
export type ReplyInput<D> = D extends Declaration<infer _H, infer R, infer _Q, infer _P> ? WrittenHeader<R> : never;
export type RequestBody<D> = D extends Declaration<infer _H, infer _R, infer Q, infer _P> ? Q : never;
export type ReplyBody<D> = D extends Declaration<infer _H, infer _R, infer _Q, infer P> ? P : never;
