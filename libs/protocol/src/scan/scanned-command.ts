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

const noBytes = Buffer.alloc(0);
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
    headerEnd: number,
  ) {
    // Replies to sends have none, and making a view costs as much as reading their header.
    this.body = headerEnd === frame.length ? noBytes : frame.subarray(headerEnd);
  }

  get ext(): ExtFields {
    this.allFields ??= decodeCommand(this.frame, this.frame.length).ext;
    return this.allFields;
  }
}
