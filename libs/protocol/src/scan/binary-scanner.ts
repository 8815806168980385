import { CommandFlag, Serializer } from '../command.js';
import { parseLanguage } from '../language-code.js';
import { odd } from './ascii.js';
import type { FieldValues } from './field-values.js';
import { unknownKey, type HeaderPlan } from './header-plan.js';
import type { ValueReader } from './header-shape.js';
import { ScannedCommand, type RequestPlan } from './scanned-command.js';
import type { ValueScanner } from './value-scanner.js';

const fixedLength = 21;
const extAt = 4 + fixedLength;

/** Scans binary headers; the layout is in command.ts. */
export class BinaryScanner implements ValueReader {
  private end = 0;

  constructor(
    private readonly plans: ReadonlyMap<number, RequestPlan>,
    private readonly values: FieldValues,
    private readonly scanner: ValueScanner,
    /** The flag's first bit in what the plans are for: RESPONSE, or 0 for requests. */
    private readonly kind: number = 0,
  ) {}

  /** `frame` starts at the serializer byte, the header ends before `end`. Undefined: for the plain decoder. */
  scan(frame: Buffer, end: number): ScannedCommand | undefined {
    if (end < extAt) return undefined;
    const plan = this.plans.get(int16(frame, 4));
    const remarkLength = int32(frame, 17);
    if (plan === undefined || remarkLength !== 0) return undefined;
    const extLength = int32(frame, 21);
    if (extLength < 0 || extLength > end - extAt) return undefined;
    this.scanner.begin(frame, end);
    this.end = extAt + extLength;
    const command = new ScannedCommand(Serializer.ROCKETMQ, frame, end);
    command.code = int16(frame, 4);
    command.language = parseLanguage(frame[6]);
    command.version = int16(frame, 7);
    command.opaque = int32(frame, 9);
    command.flag = int32(frame, 13);
    command.plan = plan;
    const shape = plan.binaryShapes.read(this, frame, extAt, this.end);
    if (shape !== undefined) command.header = plan.header.fill(shape.template, this.values);
    else if (!this.whole(plan, command, frame)) return undefined;
    // The codes of responses mean something else.
    if ((command.flag & CommandFlag.RESPONSE) !== this.kind) command.header = undefined;
    return command;
  }

  private whole(plan: RequestPlan, command: ScannedCommand, frame: Buffer): boolean {
    this.values.clear();
    if (!this.extFields(plan.header, frame)) return false;
    command.header = plan.header.fill(plan.header.blank, this.values);
    if (command.header !== undefined) plan.binaryShapes.learn(frame, extAt, this.end, command.header, command);
    return true;
  }

  private extFields(plan: HeaderPlan, bytes: Buffer): boolean {
    const { end } = this;
    let at = extAt;
    while (at < end) {
      if (at + 2 > end) return false;
      const keyAt = at + 2;
      const keyEnd = keyAt + int16(bytes, at);
      if (keyEnd <= keyAt) return false;
      const slot = plan.slotOf(bytes, keyAt, keyEnd);
      at = this.readValue(plan, slot, bytes, keyEnd);
      if (at === odd) return false;
      this.values.addSpan(slot, keyEnd, at);
    }
    return true;
  }

  /** A value with its length before it. */
  readValue(plan: HeaderPlan, slot: number, bytes: Buffer, at: number): number {
    const valueAt = at + 4;
    if (valueAt > this.end) return odd;
    const end = valueAt + int32(bytes, at);
    if (end < valueAt || end > this.end) return odd;
    if (slot === unknownKey) return end;
    return slot >= 0 && this.field(plan, slot, valueAt, end) ? end : odd;
  }

  private field(plan: HeaderPlan, slot: number, at: number, end: number): boolean {
    const { scanner, values } = this;
    if (!values.see(slot)) return false;
    if (at === end) {
      if (plan.keepsEmpty[slot] === true) values.set(slot, '');
      return true;
    }
    switch (plan.kinds[slot]) {
      case 'text':
        values.set(slot, scanner.raw(at, end));
        return true;
      case 'bool':
        if (scanner.boolean(at) !== end) return false;
        values.set(slot, scanner.number === 1);
        return true;
      case 'int':
        return scanner.integer(at) === end && values.setInt(slot, scanner.number);
      case 'long':
        if (scanner.integer(at) !== end) return false;
        values.set(slot, scanner.number);
        return true;
      default:
        return false;
    }
  }
}

function int16(bytes: Buffer, at: number): number {
  return (((bytes[at] as number) << 24) >> 16) | (bytes[at + 1] as number);
}

function int32(bytes: Buffer, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}
