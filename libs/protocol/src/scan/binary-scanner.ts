import { Serializer } from '../command.js';
import { parseLanguage } from '../language-code.js';
import { FieldValues, undecided, unknownKey, type HeaderPlan } from './header-plan.js';
import { ScannedCommand, type RequestPlan } from './scanned-command.js';
import { ValueScanner } from './value-scanner.js';

const fixedLength = 21;

/** Scans binary headers; the layout is in command.ts. */
export class BinaryScanner {
  constructor(
    private readonly plans: ReadonlyMap<number, RequestPlan>,
    private readonly values: FieldValues,
    private readonly scanner: ValueScanner,
  ) {}

  /** `frame` starts at the serializer byte, the header ends before `end`. Undefined: for the plain decoder. */
  scan(frame: Buffer, end: number): ScannedCommand | undefined {
    if (end < 4 + fixedLength) return undefined;
    const plan = this.plans.get(int16(frame, 4));
    const remarkLength = int32(frame, 17);
    if (plan === undefined || remarkLength !== 0) return undefined;
    const extLength = int32(frame, 21);
    if (extLength < 0 || extLength > end - 25) return undefined;
    this.scanner.begin(frame, end);
    if (!this.extFields(plan.header, frame, 25, 25 + extLength)) return undefined;
    const command = new ScannedCommand(Serializer.ROCKETMQ, frame, end);
    command.code = int16(frame, 4);
    command.language = parseLanguage(frame[6]);
    command.version = int16(frame, 7);
    command.opaque = int32(frame, 9);
    command.flag = int32(frame, 13);
    command.plan = plan;
    return command;
  }

  private extFields(plan: HeaderPlan, bytes: Buffer, at: number, end: number): boolean {
    while (at < end) {
      if (at + 2 > end) return false;
      const keyAt = at + 2;
      const keyEnd = keyAt + int16(bytes, at);
      if (keyEnd <= keyAt || keyEnd + 4 > end) return false;
      const valueAt = keyEnd + 4;
      const valueEnd = valueAt + int32(bytes, keyEnd);
      if (valueEnd < valueAt || valueEnd > end) return false;
      const slot = plan.slotOf(bytes, keyAt, keyEnd);
      if (slot !== unknownKey && !this.field(plan, slot, valueAt, valueEnd)) return false;
      at = valueEnd;
    }
    return true;
  }

  private field(plan: HeaderPlan, slot: number, at: number, end: number): boolean {
    const { scanner, values } = this;
    if (slot === undecided || !values.see(slot)) return false;
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
        if (scanner.integer(at) !== end || (scanner.number | 0) !== scanner.number) return false;
        values.set(slot, scanner.number);
        return true;
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
