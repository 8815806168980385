import { isUtf8 } from 'node:buffer';
import { Serializer } from '../command.js';
import { parseLanguage } from '../language-code.js';
import { FieldValues, undecided, unknownKey, type HeaderPlan } from './header-plan.js';
import { ScannedCommand, type RequestPlan } from './scanned-command.js';
import { ValueScanner, odd, quote } from './value-scanner.js';

const openBrace = 0x7b;
const closeBrace = 0x7d;
const colon = 0x3a;
const comma = 0x2c;

// prettier-ignore
const memberNames = [
  'code', 'extFields', 'flag', 'language', 'opaque', 'remark', 'serializeTypeCurrentRPC', 'version',
] as const;
type MemberName = (typeof memberNames)[number];

/** With the quotes and the colon around. */
const memberKeys = memberNames.map((name) => Buffer.from(`"${name}":`, 'latin1'));
const bitOf = (name: MemberName): number => 1 << memberNames.indexOf(name);
const mandatoryMembers = bitOf('code') | bitOf('opaque');

/** Scans JSON headers as clients write them: in one line, without blanks, "code" before "extFields". */
export class JsonScanner {
  constructor(
    private readonly plans: ReadonlyMap<number, RequestPlan>,
    private readonly values: FieldValues,
    private readonly scanner: ValueScanner,
  ) {}

  /** `frame` starts at the serializer byte, the header ends before `end`. Undefined: for the plain decoder. */
  scan(frame: Buffer, end: number): ScannedCommand | undefined {
    if (frame[4] !== openBrace || frame[end - 1] !== closeBrace) return undefined;
    const command = new ScannedCommand(Serializer.JSON, frame, end);
    this.scanner.begin(frame, end);
    let seen = 0;
    let at = 4;
    do {
      const member = memberAt(frame, at + 1);
      if (member === odd || (seen & (1 << member)) !== 0) return undefined;
      seen |= 1 << member;
      at = this.member(
        command,
        memberNames[member] as MemberName,
        frame,
        at + 1 + (memberKeys[member] as Buffer).length,
      );
    } while (frame[at] === comma);
    if (at !== end - 1 || (seen & mandatoryMembers) !== mandatoryMembers) return undefined;
    return !this.scanner.wide || isUtf8(frame.subarray(4, end)) ? command : undefined;
  }

  /** Reads the value at `at`; returns the position after it. */
  private member(command: ScannedCommand, name: MemberName, bytes: Buffer, at: number): number {
    const { scanner } = this;
    let next: number;
    switch (name) {
      case 'extFields':
        return command.plan === undefined ? odd : this.extFields(command.plan.header, bytes, at);
      case 'language':
        next = scanner.quoted(at);
        command.language = parseLanguage(scanner.text);
        return next;
      case 'remark':
        next = scanner.quoted(at);
        command.remark = scanner.text;
        return next;
      case 'code':
        next = this.int32(at);
        command.code = scanner.number;
        command.plan = this.plans.get(scanner.number);
        return command.plan === undefined ? odd : next;
      case 'flag':
        next = this.int32(at);
        command.flag = scanner.number;
        return next;
      case 'opaque':
        next = this.int32(at);
        command.opaque = scanner.number;
        return next;
      case 'version':
        next = this.int32(at);
        command.version = scanner.number;
        return next;
      default:
        return scanner.skipQuoted(at);
    }
  }

  private int32(at: number): number {
    const next = this.scanner.bareInteger(at);
    return (this.scanner.number | 0) === this.scanner.number ? next : odd;
  }

  private extFields(plan: HeaderPlan, bytes: Buffer, at: number): number {
    if (bytes[at] !== openBrace) return odd;
    if (bytes[at + 1] === closeBrace) return at + 2;
    do {
      const keyAt = at + 2;
      const keyEnd = bytes[at + 1] === quote ? keyEndAt(bytes, keyAt) : odd;
      if (keyEnd === odd) return odd;
      const slot = plan.slotOf(bytes, keyAt, keyEnd);
      at = slot === unknownKey ? this.scanner.skipQuoted(keyEnd + 2) : this.field(plan, slot, bytes, keyEnd + 2);
    } while (at !== odd && bytes[at] === comma);
    return at !== odd && bytes[at] === closeBrace ? at + 1 : odd;
  }

  private field(plan: HeaderPlan, slot: number, bytes: Buffer, at: number): number {
    if (slot === undecided || !this.values.see(slot)) return odd;
    // Most values are quoted, whatever their kind; some clients send numbers and booleans bare.
    const isQuoted = bytes[at] === quote;
    if (isQuoted && bytes[at + 1] === quote) {
      if (plan.keepsEmpty[slot] === true) this.values.set(slot, '');
      return at + 2;
    }
    const kind = plan.kinds[slot];
    if (kind === 'text') {
      const next = this.scanner.quoted(at);
      this.values.set(slot, this.scanner.text);
      return next;
    }
    if (kind === 'double') return odd;
    const next = kind === 'bool' ? this.boolean(slot, at, isQuoted) : this.whole(slot, kind === 'int', at, isQuoted);
    if (!isQuoted || next === odd) return next;
    return bytes[next] === quote ? next + 1 : odd;
  }

  private boolean(slot: number, at: number, isQuoted: boolean): number {
    const next = this.scanner.boolean(isQuoted ? at + 1 : at);
    this.values.set(slot, this.scanner.number === 1);
    return next;
  }

  private whole(slot: number, isInt: boolean, at: number, isQuoted: boolean): number {
    const { scanner } = this;
    const next = isQuoted ? scanner.integer(at + 1) : scanner.bareInteger(at);
    if (isInt && (scanner.number | 0) !== scanner.number) return odd;
    this.values.set(slot, scanner.number);
    return next;
  }
}

/** Which member's key starts at `at`. Their first letters differ. */
function memberAt(bytes: Buffer, at: number): number {
  const first = bytes[at + 1];
  for (let member = 0; member < memberKeys.length; member++) {
    const key = memberKeys[member] as Buffer;
    if (key[1] !== first) continue;
    for (let i = 0; i < key.length; i++) if (bytes[at + i] !== key[i]) return odd;
    return member;
  }
  return odd;
}

/** The closing quote of a key without escapes, if a colon follows. */
function keyEndAt(bytes: Buffer, at: number): number {
  let end = at;
  while (isKeyByte(bytes[end])) end++;
  return end > at && bytes[end] === quote && bytes[end + 1] === colon ? end : odd;
}

function isKeyByte(byte: number | undefined): boolean {
  return byte !== undefined && byte > 0x20 && byte < 0x7f && byte !== quote && byte !== 0x5c;
}
