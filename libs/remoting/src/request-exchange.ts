import { messageOf, type Logger } from '../../common/src/index.js';
import {
  bodyRangeOf,
  ByteRange,
  CommandFlag,
  DeclaredHeader,
  encodeHeader,
  isOneWay,
  MQVersion,
  readRequestHeader,
  ResponseCode,
  type BodyDialect,
  type Command,
  type CommandHead,
  type Declaration,
  type ExtFields,
  type ExtPairs,
  type ExtSource,
  type Field,
  type Fields,
} from '../../protocol/src/index.js';
import type { Connection } from './connection.js';
import type { Exchange, Fail, Ok } from './handler.js';

/** What a request needs of the connection it came on. */
export interface ReplyChannel extends Connection {
  /** LanguageCode and MQVersion ordinals of our frames. */
  readonly language: number;
  readonly version: number;
  /** @throws RocketMQError ARGUMENT_INVALID when the frame is too long */
  sendFrame(head: CommandHead, ext: ExtSource, body: Buffer | readonly Buffer[], isLasting?: boolean): void;
  /** A handler works on a request in the background: its answer will come. */
  answerBegan(): void;
  answerEnded(): void;
}

/** A declaration whose types the router does not need to know. */
export type PlainDeclaration = Declaration<Fields, Fields, unknown, unknown>;

export const emptyBody: Buffer = Buffer.alloc(0);
const noPairs: ExtPairs = [];
const noExt: ExtFields = Object.freeze(Object.create(null) as Record<string, unknown>);

/** One request under way. Small, for there is one per message; what only a running handler needs is let go early. */
export class RequestExchange implements Exchange<PlainDeclaration> {
  readonly header: Record<string, unknown>;
  readonly code: number;
  readonly version: number;
  readonly language: number;
  readonly oneWay: boolean;
  /** Gone once the request is held. */
  private command: Command | undefined;
  private readonly opaque: number;
  private readonly serializer: CommandHead['serializer'];
  private answered = false;

  /** @throws RocketMQError PROTOCOL_VIOLATION naming the header field that is missing or wrong */
  constructor(
    readonly connection: ReplyChannel,
    private readonly declaration: PlainDeclaration,
    private readonly log: Logger,
    command: Command,
  ) {
    this.header = readRequestHeader(declaration, command);
    this.command = command;
    this.code = command.code;
    this.version = command.version;
    this.language = command.language;
    this.oneWay = isOneWay(command);
    this.opaque = command.opaque;
    this.serializer = command.serializer;
  }

  get bytes(): Buffer {
    return this.command?.body ?? emptyBody;
  }

  get range(): ByteRange {
    return this.command === undefined ? new ByteRange(emptyBody) : bodyRangeOf(this.command);
  }

  /** Asked for by few: the fast decoder reads them only then. */
  get ext(): ExtFields {
    return this.command?.ext ?? noExt;
  }

  body(): unknown {
    return this.declaration.requestBody.decode(this.bytes);
  }

  /**
   * A held request may wait long: the chunk its frame lies in must not wait with it. Nor has a handler that borrowed the
   * frame a use for it once it has returned.
   */
  releaseFrame(): void {
    this.command = undefined;
  }

  reply(outcome: Ok<PlainDeclaration> | Fail<PlainDeclaration>): void {
    if (this.answered) return;
    this.answered = true;
    if (this.oneWay) {
      if (outcome.kind === 'fail') this.logOneWay(outcome);
      return;
    }
    if (this.connection.closed) return;
    try {
      if (outcome.kind === 'ok') this.sendOk(outcome);
      else this.sendFail(outcome);
    } catch (error) {
      const remark = `${this.declaration.name}: the reply cannot be sent: ${messageOf(error)}`;
      this.log.error(remark, { peer: this.connection.remoteAddress });
      this.connection.sendFrame(this.head(ResponseCode.SYSTEM_ERROR, remark), noPairs, emptyBody);
    }
  }

  private sendOk(outcome: Ok<PlainDeclaration>): void {
    const { declaration } = this;
    const ext = new DeclaredHeader(declaration.replyWriter, outcome.header, outcome.extra);
    const body = outcome.body === undefined ? emptyBody : declaration.replyBody.encode(outcome.body, this.dialect());
    this.connection.sendFrame(this.head(ResponseCode.SUCCESS, outcome.remark), ext, body, outcome.isLasting);
  }

  private sendFail(outcome: Fail<PlainDeclaration>): void {
    const { header } = outcome;
    const ext = header === undefined ? noPairs : encodeHeader(presentFields(this.declaration.reply, header), header);
    this.connection.sendFrame(this.head(outcome.code, outcome.remark), ext, emptyBody);
  }

  private head(code: number, remark: string): CommandHead {
    const { version, language } = this.connection;
    const { opaque, serializer } = this;
    return { code, language, version, opaque, flag: CommandFlag.RESPONSE, remark, serializer };
  }

  private dialect(): BodyDialect {
    const standardJson = this.version >= MQVersion.V4_9_4 || String(this.ext.acceptStandardJsonOnly) === 'true';
    return { standardJson, peerVersion: this.version };
  }

  private logOneWay({ code, remark }: Fail<PlainDeclaration>): void {
    const peer = this.connection.remoteAddress;
    this.log.warn(`${this.declaration.name} was refused, and one-way: nobody is told`, { peer, code, remark });
  }
}

/** A refusal carries only the reply fields it has values for. */
function presentFields(fields: Fields, header: Readonly<Record<string, unknown>>): Fields {
  const present: Record<string, Field> = {};
  for (const name in fields) if (header[name] !== undefined) present[name] = fields[name] as Field;
  return present;
}

/** The answer to a request that no handler serves; Apache's remark, leading space included. */
export function unsupportedReply(channel: ReplyChannel, command: Command): void {
  refuse(channel, command, ResponseCode.REQUEST_CODE_NOT_SUPPORTED, ` request type ${command.code} not supported`);
}

/** Answers a request that never became an exchange. */
export function refuse(channel: ReplyChannel, command: Command, code: number, remark: string): void {
  if (isOneWay(command) || channel.closed) return;
  const { opaque, serializer } = command;
  const { language, version } = channel;
  const head = { code, language, version, opaque, flag: CommandFlag.RESPONSE, remark, serializer };
  channel.sendFrame(head, noPairs, emptyBody);
}
