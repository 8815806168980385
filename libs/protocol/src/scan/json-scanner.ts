import { isUtf8 } from 'node:buffer';
import { CommandFlag, Serializer } from '../command.js';
import { parseLanguage } from '../language-code.js';
import { closeBrace, colon, comma, odd, openBrace, quote } from './ascii.js';
import type { FieldValues } from './field-values.js';
import { unknownKey, type HeaderPlan } from './header-plan.js';
import type { ValueReader } from './header-shape.js';
import { ScannedCommand, type FramePlace, type RequestPlan } from './scanned-command.js';
import type { ValueScanner } from './value-scanner.js';

// prettier-ignore
const memberNames = [
  'code', 'extFields', 'flag', 'language', 'opaque', 'remark', 'serializeTypeCurrentRPC', 'version',
] as const;
type MemberName = (typeof memberNames)[number];

/** With the quotes and the colon around. */
const memberKeys = memberNames.map((name) => Buffer.from(`"${name}":`, 'latin1'));
/** Their first letters differ. */
const memberByLetter = Int8Array.from({ length: 256 }, (_, letter) =>
  memberNames.findIndex((name) => name.charCodeAt(0) === letter),
);
const bitOf = (name: MemberName): number => 1 << memberNames.indexOf(name);
const mandatoryMembers = bitOf('code') | bitOf('opaque');

/** The one member that differs from request to request; the others belong to the shape. */
const opaqueSlot = -3;
const headerAt = 4;
/** Of the code's digits, when it comes first as it does from all clients. */
const codeAt = headerAt + '{"code":'.length;

/** Scans JSON headers as clients write them: in one line, without blanks, "code" before "extFields". */
export class JsonScanner implements ValueReader {
  private opaque = 0;

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
    if (bytes[start + headerAt] !== openBrace || bytes[headerEnd - 1] !== closeBrace) return undefined;
    this.scanner.begin(bytes, headerEnd);
    return this.known(place) ?? this.whole(place);
  }

  private known(place: FramePlace): ScannedCommand | undefined {
    const { bytes: frame, start, headerEnd: end } = place;
    // A guess; that the code stands there is verified with all the rest.
    this.scanner.integer(start + codeAt);
    const plan = this.plans.get(this.scanner.number);
    const headerStart = start + headerAt;
    const shape = plan?.jsonShapes.read(this, frame, headerStart, end);
    if (plan === undefined || shape === undefined || !this.isText(frame, headerStart, end)) return undefined;
    const { code, language, version, flag, remark } = shape.head;
    const command = new ScannedCommand(Serializer.JSON, place);
    command.code = code;
    command.language = language;
    command.version = version;
    command.opaque = this.opaque;
    command.flag = flag;
    command.remark = remark;
    command.plan = plan;
    command.header = plan.header.fill(shape.template, this.values);
    return command;
  }

  private whole(place: FramePlace): ScannedCommand | undefined {
    const { bytes: frame, start, headerEnd: end } = place;
    const headerStart = start + headerAt;
    this.values.clear();
    this.scanner.begin(frame, end);
    const command = new ScannedCommand(Serializer.JSON, place);
    let seen = 0;
    let at = headerStart;
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
    if (!this.isText(frame, headerStart, end)) return undefined;
    const { plan } = command;
    // The codes of responses mean something else.
    if (plan === undefined || (command.flag & CommandFlag.RESPONSE) !== this.kind) return command;
    command.header = plan.header.fill(plan.header.blank, this.values);
    if (command.header !== undefined) plan.jsonShapes.learn(frame, headerStart, end, command.header, command);
    return command;
  }

  private isText(frame: Buffer, start: number, end: number): boolean {
    return !this.scanner.wide || isUtf8(frame.subarray(start, end));
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
        this.values.addSpan(opaqueSlot, at, next);
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
      at = this.readValue(plan, slot, bytes, keyEnd + 2);
      this.values.addSpan(slot, keyEnd + 2, at);
    } while (at !== odd && bytes[at] === comma);
    return at !== odd && bytes[at] === closeBrace ? at + 1 : odd;
  }

  readValue(plan: HeaderPlan, slot: number, bytes: Buffer, at: number): number {
    if (slot >= 0) return this.values.see(slot) ? this.field(plan, slot, bytes, at) : odd;
    if (slot === unknownKey) return this.scanner.skipQuoted(at);
    if (slot !== opaqueSlot) return odd;
    const next = this.int32(at);
    this.opaque = this.scanner.number;
    return next;
  }

  private field(plan: HeaderPlan, slot: number, bytes: Buffer, at: number): number {
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
    if (kind === 'utf8') {
      this.values.set(slot, this.scanner.utf8);
      return this.scanner.quotedBytes(at);
    }
    if (kind === 'double') return odd;
    const next = kind === 'bool' ? this.boolean(slot, at, isQuoted) : this.integer(slot, kind === 'int', at, isQuoted);
    if (!isQuoted || next === odd) return next;
    return bytes[next] === quote ? next + 1 : odd;
  }

  private boolean(slot: number, at: number, isQuoted: boolean): number {
    const next = this.scanner.boolean(isQuoted ? at + 1 : at);
    this.values.set(slot, this.scanner.number === 1);
    return next;
  }

  private integer(slot: number, isInt: boolean, at: number, isQuoted: boolean): number {
    const { scanner } = this;
    const next = isQuoted ? scanner.integer(at + 1) : scanner.bareInteger(at);
    if (isInt) return this.values.setInt(slot, scanner.number) ? next : odd;
    this.values.set(slot, scanner.number);
    return next;
  }
}
/** Which member's key, its opening quote at `at`, that is. */
function memberAt(bytes: Buffer, at: number): number {
  const member = memberByLetter[bytes[at + 1] ?? 0] as number;
  if (member === odd) return odd;
  const key = memberKeys[member] as Buffer;
  for (let i = 0; i < key.length; i++) if (bytes[at + i] !== key[i]) return odd;
  return member;
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
