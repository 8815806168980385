import { Serializer, decodeCommand, maxHeaderLength, type Command } from '../command.js';
import type { AnyDeclaration, Declaration } from '../declaration.js';
import type { Fields, HeaderOf } from '../field.js';
import { decodeHeader } from '../header-codec.js';
import { BinaryScanner } from './binary-scanner.js';
import { FieldValues } from './field-values.js';
import { FrameView } from './frame-view.js';
import { HeaderPlan } from './header-plan.js';
import { JsonScanner } from './json-scanner.js';
import { KnownShapes } from './known-shapes.js';
import { ScannedCommand, scannedHeader, type RequestPlan } from './scanned-command.js';
import { ValueScanner } from './value-scanner.js';

/**
 * The fast of the two decoders, run once for every request (`npm run bench -- send` shows it): one pass over the header
 * bytes of a known request, without JSON.parse and without a map of texts.
 *
 * A header is compared with the shapes of earlier ones first, which leaves only the values that vary to be read; one of
 * no known shape is scanned as a whole. Whatever is odd in that (escapes in keys, blanks, nested values, duplicates,
 * values of the wrong kind, unknown codes) goes to decodeCommand and decodeHeader, which alone decide what is refused and
 * in which words. All three ways lead to the same header.
 *
 * Allocates the command, the header object and its new texts; copies nothing but texts that stay bytes.
 * One at a time: a decoder may serve all connections of a process, since decoding never waits. Keeps the chunk that the
 * last frame came in, but no longer buffer, and up to eight headers of each request in each serializer, 2 KiB each.
 */
export class CommandDecoder {
  private readonly values = new FieldValues();
  private readonly frameView = new FrameView();
  private readonly scanner = new ValueScanner(this.frameView);
  private readonly json: JsonScanner;
  private readonly binary: BinaryScanner;

  /**
   * @param requests those that have a handler: other frames go the plain way
   * @param maxHeader longest header taken, bytes
   */
  constructor(
    requests: readonly AnyDeclaration[],
    private readonly maxHeader: number = maxHeaderLength,
  ) {
    const plans = new Map<number, RequestPlan>();
    for (const declaration of requests) {
      const header = HeaderPlan.of(declaration.header, declaration.code);
      if (header === undefined) continue;
      const jsonShapes = new KnownShapes(header, this.values, this.frameView);
      const binaryShapes = new KnownShapes(header, this.values, this.frameView);
      plans.set(declaration.code, { declaration, header, jsonShapes, binaryShapes });
    }
    this.json = new JsonScanner(plans, this.values, this.scanner);
    this.binary = new BinaryScanner(plans, this.values, this.scanner);
  }

  /**
   * As decodeCommand: one frame without its length word, which is [start, end) of `bytes`.
   *
   * @throws RocketMQError PROTOCOL_VIOLATION saying what is wrong; the connection must be closed then.
   */
  decode(bytes: Buffer, start = 0, end: number = bytes.length): Command {
    this.frameView.begin(bytes);
    const command = this.scan(bytes, start, end);
    this.scanner.finish();
    this.frameView.finish();
    return command ?? decodeCommand(bytes.subarray(start, end), this.maxHeader);
  }

  private scan(bytes: Buffer, start: number, end: number): ScannedCommand | undefined {
    if (end - start < 6) return undefined;
    const headerLength =
      ((bytes[start + 1] as number) << 16) | ((bytes[start + 2] as number) << 8) | (bytes[start + 3] as number);
    const headerEnd = start + 4 + headerLength;
    if (headerEnd > end || headerLength > this.maxHeader) return undefined;
    const place = { bytes, start, headerEnd, end };
    if (bytes[start] === Serializer.JSON) return this.json.scan(place);
    return bytes[start] === Serializer.ROCKETMQ ? this.binary.scan(place) : undefined;
  }
}

/** The command without its frame: for memory that is about to be overwritten. */
export function keptCommand(command: Command): Command {
  if (command instanceof ScannedCommand) return command.kept();
  return command.body.length === 0 ? command : { ...command, body: Buffer.from(command.body) };
}

/**
 * The header of a request by its declaration, whichever decoder read the command.
 *
 * @throws RocketMQError PROTOCOL_VIOLATION naming the field that is missing or no value of its kind.
 */
export function readRequestHeader<H extends Fields, R extends Fields, Q, P>(
  declaration: Declaration<H, R, Q, P>,
  command: Command,
): HeaderOf<H> {
  return scannedHeader<H>(declaration, command) ?? decodeHeader(declaration.header, command.ext);
}
