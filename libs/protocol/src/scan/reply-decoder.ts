import { CommandFlag, Serializer, maxReplyHeaderLength, type Command } from '../command.js';
import type { AnyDeclaration, Declaration } from '../declaration.js';
import type { Fields, HeaderOf } from '../field.js';
import { decodeHeader } from '../header-codec.js';
import { colon, zero } from './ascii.js';
import { BinaryScanner } from './binary-scanner.js';
import { FieldValues } from './field-values.js';
import { FrameView } from './frame-view.js';
import { HeaderPlan } from './header-plan.js';
import { JsonScanner } from './json-scanner.js';
import { KnownShapes } from './known-shapes.js';
import { scannedHeader, type RequestPlan } from './scanned-command.js';
import { ValueScanner } from './value-scanner.js';

interface ReplyScanners {
  readonly json: JsonScanner;
  readonly binary: BinaryScanner;
}

const success = 0;
const none = -1;
const opaqueKey = Buffer.from('"opaque":');
/** Of 2^31. */
const mostDigits = 10;
/** Where binary headers have it. */
const binaryOpaqueAt = 9;

/**
 * HOT PATH (every reply to a call of ours). What CommandDecoder is for requests, with the same scanners: a reply says
 * only by its opaque id what it answers, so that id is looked for first, and the fields are then scanned by the
 * declaration of the call. Takes successes; all else, and whatever is odd, is left to the other decoders.
 *
 * Allocates the command, the view of its body, the header object and its new texts; copies nothing else. Serves all
 * connections of a client. Benchmarks: template, listener.
 */
export class ReplyDecoder {
  private readonly values = new FieldValues();
  private readonly frameView = new FrameView();
  private readonly scanner = new ValueScanner(this.frameView);
  private readonly scanners = new Map<AnyDeclaration, ReplyScanners | undefined>();
  /** Bytes of the last JSON header after the digits of its opaque id: the next one's are likely as many. */
  private tail = none;

  /** @param maxHeader longest header taken, bytes */
  constructor(private readonly maxHeader: number = maxReplyHeaderLength) {}

  /**
   * The opaque id of a frame without its length word, without a look at anything else in it; -1 when it cannot be told.
   * A guess: what is decoded says for sure.
   */
  opaqueOf(frame: Buffer): number {
    const end = headerEnd(frame);
    if (end > frame.length) return none;
    if (frame[0] === Serializer.ROCKETMQ) return end >= binaryOpaqueAt + 4 ? frame.readInt32BE(binaryOpaqueAt) : none;
    const opaque = this.tail === none ? none : idBefore(frame, end - this.tail);
    return opaque === none ? this.searchOpaque(frame, end) : opaque;
  }

  /** Undefined when it is no success by this declaration, or too odd for a scan. */
  decode(frame: Buffer, declaration: AnyDeclaration): Command | undefined {
    const end = headerEnd(frame);
    if (end < 6 || end > frame.length || end - 4 > this.maxHeader) return undefined;
    const scanners = this.scannersOf(declaration);
    if (scanners === undefined) return undefined;
    this.frameView.begin(frame);
    const place = { bytes: frame, start: 0, headerEnd: end, end: frame.length };
    const command =
      frame[0] === Serializer.JSON
        ? scanners.json.scan(place)
        : frame[0] === Serializer.ROCKETMQ
          ? scanners.binary.scan(place)
          : undefined;
    this.scanner.finish();
    this.frameView.finish();
    return command?.header === undefined ? undefined : command;
  }

  private searchOpaque(frame: Buffer, end: number): number {
    const keyAt = frame.lastIndexOf(opaqueKey, end - 1);
    if (keyAt < 4) return none;
    let at = keyAt + opaqueKey.length;
    while (isDigit(frame[at])) at++;
    this.tail = end - at;
    return idBefore(frame, at);
  }

  private scannersOf(declaration: AnyDeclaration): ReplyScanners | undefined {
    const known = this.scanners.get(declaration);
    if (known !== undefined || this.scanners.has(declaration)) return known;
    const made = this.makeScanners(declaration);
    this.scanners.set(declaration, made);
    return made;
  }

  private makeScanners(declaration: AnyDeclaration): ReplyScanners | undefined {
    const header = HeaderPlan.of(declaration.reply, declaration.code);
    if (header === undefined) return undefined;
    const { values, frameView, scanner } = this;
    const jsonShapes = new KnownShapes(header, values, frameView);
    const binaryShapes = new KnownShapes(header, values, frameView);
    const plans = new Map<number, RequestPlan>([[success, { declaration, header, jsonShapes, binaryShapes }]]);
    return {
      json: new JsonScanner(plans, values, scanner, CommandFlag.RESPONSE),
      binary: new BinaryScanner(plans, values, scanner, CommandFlag.RESPONSE),
    };
  }
}

/**
 * The header of a success by its declaration, whichever decoder read the command.
 *
 * @throws RocketMQError PROTOCOL_VIOLATION naming the field that is missing or no value of its kind.
 */
export function readReplyHeader<H extends Fields, R extends Fields, Q, P>(
  declaration: Declaration<H, R, Q, P>,
  command: Command,
): HeaderOf<R> {
  return scannedHeader<R>(declaration, command) ?? decodeHeader(declaration.reply, command.ext);
}

function headerEnd(frame: Buffer): number {
  return 4 + (((frame[1] as number) << 16) | ((frame[2] as number) << 8) | (frame[3] as number));
}

/** The number whose last digit is before `end`, when a colon is before its first. */
function idBefore(frame: Buffer, end: number): number {
  let value = 0;
  let unit = 1;
  let at = end - 1;
  for (; end - at <= mostDigits && isDigit(frame[at]); at--, unit *= 10) value += ((frame[at] as number) - zero) * unit;
  return at < end - 1 && frame[at] === colon && !isDigit(frame[end]) ? value : none;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= zero && byte <= zero + 9;
}
