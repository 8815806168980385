import { decodeCommand, type Command, type SerializerCode } from '../command.js';
import type { ExtFields, Fields, HeaderOf } from '../field.js';
import { ByteRange } from '../message/byte-range.js';
import { languageCode } from '../language-code.js';
import type { AnyDeclaration } from '../declaration.js';
import type { Header, HeaderPlan } from './header-plan.js';
import type { KnownShapes } from './known-shapes.js';

export interface RequestPlan {
  readonly declaration: AnyDeclaration;
  readonly header: HeaderPlan;
  readonly jsonShapes: KnownShapes;
  readonly binaryShapes: KnownShapes;
}

const noBytes = Buffer.alloc(0);
const otherLanguage = languageCode('OTHER');

/** Where a frame is, and its header in it. */
export interface FramePlace {
  readonly bytes: Buffer;
  readonly start: number;
  readonly headerEnd: number;
  readonly end: number;
}

/** A command whose header was read by scanning; the fields nobody declared are looked for when asked. */
export class ScannedCommand implements Command {
  code = -1;
  language = otherLanguage;
  version = 0;
  opaque = 0;
  flag = 0;
  remark = '';
  plan: RequestPlan | undefined;
  /** By the plan's declaration; undefined when the plain decoder has to have a look. */
  header: Readonly<Header> | undefined;
  private allFields: ExtFields | undefined;
  private bodyView: Buffer | undefined;

  constructor(
    readonly serializer: SerializerCode,
    private readonly place: FramePlace,
  ) {}

  get body(): Buffer {
    const { bytes, headerEnd, end } = this.place;
    // Replies to sends have none, and making a view costs as much as reading their header.
    this.bodyView ??= headerEnd === end ? noBytes : bytes.subarray(headerEnd, end);
    return this.bodyView;
  }

  get bodyRange(): ByteRange {
    const { bytes, headerEnd, end } = this.place;
    return new ByteRange(bytes, headerEnd, end);
  }

  /** The same in memory of its own. */
  kept(): ScannedCommand {
    const { start, headerEnd } = this.place;
    const bytes = Buffer.from(this.frame);
    const copy = new ScannedCommand(this.serializer, {
      bytes,
      start: 0,
      headerEnd: headerEnd - start,
      end: bytes.length,
    });
    const { code, language, version, opaque, flag, remark, plan } = this;
    const header = this.header && plan?.header.kept(this.header);
    return Object.assign(copy, { code, language, version, opaque, flag, remark, plan, header });
  }

  get ext(): ExtFields {
    this.allFields ??= decodeCommand(this.frame, this.frame.length).ext;
    return this.allFields;
  }

  private get frame(): Buffer {
    const { bytes, start, end } = this.place;
    return bytes.subarray(start, end);
  }
}

/** The header that scanning found by this declaration, of a request or of a reply to one. */
export function scannedHeader<F extends Fields>(declaration: unknown, command: Command): HeaderOf<F> | undefined {
  if (!(command instanceof ScannedCommand) || command.plan?.declaration !== declaration) return undefined;
  return command.header as HeaderOf<F> | undefined;
}

/** Where the body of a command is, without a view of it where that can be had. */
export function bodyRangeOf(command: Command): ByteRange {
  return command instanceof ScannedCommand ? command.bodyRange : new ByteRange(command.body);
}
