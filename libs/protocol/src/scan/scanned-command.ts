import { decodeCommand, type Command, type SerializerCode } from '../command.js';
import type { ExtFields } from '../field.js';
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

const otherLanguage = languageCode('OTHER');

/** A command whose header was read by scanning; the fields nobody declared are looked for when asked. */
export class ScannedCommand implements Command {
  code = -1;
  language = otherLanguage;
  version = 0;
  opaque = 0;
  flag = 0;
  remark = '';
  readonly body: Buffer;
  plan: RequestPlan | undefined;
  /** By the plan's declaration; undefined when the plain decoder has to have a look. */
  header: Readonly<Header> | undefined;
  private allFields: ExtFields | undefined;

  constructor(
    readonly serializer: SerializerCode,
    private readonly frame: Buffer,
    private readonly headerEnd: number,
  ) {
    this.body = frame.subarray(headerEnd);
  }

  /** The same in memory of its own. */
  kept(): ScannedCommand {
    const copy = new ScannedCommand(this.serializer, Buffer.from(this.frame), this.headerEnd);
    const { code, language, version, opaque, flag, remark, plan } = this;
    const header = this.header && plan?.header.kept(this.header);
    return Object.assign(copy, { code, language, version, opaque, flag, remark, plan, header });
  }

  get ext(): ExtFields {
    this.allFields ??= decodeCommand(this.frame, this.frame.length).ext;
    return this.allFields;
  }
}
