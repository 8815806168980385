import { CommandFlag, Serializer } from '../command.js';
import { parseLanguage } from '../language-code.js';
import { odd } from './ascii.js';
import type { FieldValues } from './field-values.js';
import { unknownKey, type HeaderPlan } from './header-plan.js';
import type { ValueReader } from './header-shape.js';
import { ScannedCommand, type FramePlace, type RequestPlan } from './scanned-command.js';
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

  /** Undefined: for the plain decoder. */
  scan(place: FramePlace): ScannedCommand | undefined {
    const { bytes, start, headerEnd } = place;
    const extStart = start + extAt;
    if (headerEnd < extStart) return undefined;
    const plan = this.plans.get(int16(bytes, start + 4));
    const remarkLength = int32(bytes, start + 17);
    if (plan === undefined || remarkLength !== 0) return undefined;
    const extLength = int32(bytes, start + 21);
    if (extLength < 0 || extLength > headerEnd - extStart) return undefined;
    this.scanner.begin(bytes, headerEnd);
    this.end = extStart + extLength;
    const command = new ScannedCommand(Serializer.ROCKETMQ, place);
    command.code = int16(bytes, start + 4);
    command.language = parseLanguage(bytes[start + 6]);
    command.version = int16(bytes, start + 7);
    command.opaque = int32(bytes, start + 9);
    command.flag = int32(bytes, start + 13);
    command.plan = plan;
    const shape = plan.binaryShapes.read(this, bytes, extStart, this.end);
    if (shape !== undefined) command.header = plan.header.fill(shape.template, this.values);
    else if (!this.whole(plan, command, bytes, extStart)) return undefined;
    // The codes of responses mean something else.
    if ((command.flag & CommandFlag.RESPONSE) !== this.kind) command.header = undefined;
    return command;
  }

  private whole(plan: RequestPlan, command: ScannedCommand, bytes: Buffer, start: number): boolean {
    this.values.clear();
    if (!this.extFields(plan.header, bytes, start)) return false;
    command.header = plan.header.fill(plan.header.blank, this.values);
    if (command.header !== undefined) plan.binaryShapes.learn(bytes, start, this.end, command.header, command);
    return true;
  }

  private extFields(plan: HeaderPlan, bytes: Buffer, start: number): boolean {
    const { end } = this;
    let at = start;
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
      case 'utf8':
        values.set(slot, scanner.utf8);
        return scanner.rawBytes(at, end);
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
