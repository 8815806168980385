/*
 * HOT PATH (replies, and requests of ours). Frames of one kind on one connection differ in a few values only, so the last one serves as the
 * template of the next: one copy of its bytes, then the values that differ are written over it. Allocates nothing on a
 * hit. Any difference in shape (a number with more digits, a text of another length or with an escape, another code)
 * leaves the work to `encodeHead`, which every frame must equal. Benchmarks: send, template.
 */
import type { AsciiText } from './ascii-text.js';
import { digitCount, type ByteSink } from './byte-sink.js';
import { encodeHead, maxFrameLength, Serializer, type CommandHead, type ExtSource } from './command.js';
import { DeclaredHeader, type HeaderWriter } from './header-writer.js';

const opaqueKey = Buffer.from('"opaque":');
/** Learning costs as much as three frames: after so many lessons, hardly any frame is learned from. */
const eagerLessons = 64;
const lessonEvery = 256;
/** Longer headers are copied too much for what is saved. */
const longestTemplate = 1024;

/** Encodes frame heads for one connection. Keeps one template per declaration. */
export class HeadEncoder {
  private readonly templates = new Map<HeaderWriter, FrameTemplate>();

  /** As {@link encodeHead}. @throws RocketMQError ARGUMENT_INVALID */
  encode(sink: ByteSink, head: CommandHead, ext: ExtSource, bodyLength: number): void {
    if (!(ext instanceof DeclaredHeader) || head.serializer !== Serializer.JSON) {
      return encodeHead(sink, head, ext, bodyLength);
    }
    const template = this.templates.get(ext.writer);
    if (template?.write(sink, head, ext, bodyLength)) return;
    const start = sink.position;
    encodeHead(sink, head, ext, bodyLength);
    if (template === undefined) this.templates.set(ext.writer, new FrameTemplate(ext.writer));
    else template.learn(sink.bytes.subarray(start, sink.position), head, ext);
  }
}

class FrameTemplate {
  private bytes = Buffer.alloc(0);
  private head: CommandHead | undefined;
  private opaqueAt = 0;
  private opaqueLength = 0;
  private readonly values: unknown[];
  private readonly valueAt: Int32Array;
  private readonly valueLength: Int32Array;
  /** Values that differed once, and texts that are written when the frame is: comparing them would be in vain. */
  private readonly varies: Uint8Array;
  /** Length of the last frame that did not fit. A shape is worth keeping when it comes twice. */
  private missedLength = 0;
  private lessons = 0;

  constructor(private readonly writer: HeaderWriter) {
    this.values = writer.names.map(() => undefined);
    this.valueAt = new Int32Array(writer.names.length);
    this.valueLength = new Int32Array(writer.names.length);
    this.varies = new Uint8Array(writer.names.length);
  }

  /** False when the frame has another shape; nothing is written then. */
  write(sink: ByteSink, head: CommandHead, { header, extra }: DeclaredHeader, bodyLength: number): boolean {
    const { bytes } = this;
    if (extra !== undefined || !this.fits(head) || digitCount(head.opaque) !== this.opaqueLength) return false;
    if (bytes.length + bodyLength > maxFrameLength) return false;
    sink.reserve(bytes.length);
    const start = sink.position;
    bytes.copy(sink.bytes, start);
    const { names } = this.writer;
    for (let i = 0; i < names.length; i++) {
      const value = header[names[i] as string];
      const isWritten = this.varies[i] === 0 && value === this.values[i];
      if (!isWritten && !this.patch(sink, start, i, value)) return false;
    }
    sink.setDigits(start + this.opaqueAt, this.opaqueLength, head.opaque);
    sink.setInt32(start, bytes.length - 4 + bodyLength);
    sink.position = start + bytes.length;
    return true;
  }

  learn(frame: Buffer, head: CommandHead, { header, extra }: DeclaredHeader): void {
    const isRepeated = frame.length === this.missedLength;
    this.missedLength = frame.length;
    if (!isRepeated || frame.length > longestTemplate || extra !== undefined || head.remark !== '') return;
    if (this.lessons++ >= eagerLessons && this.lessons % lessonEvery !== 0) return;
    // Ids of counters that have wrapped are negative: they have no digits to write over.
    if (digitCount(head.opaque) === 0) return;
    this.bytes = Buffer.from(frame);
    this.head = head;
    this.opaqueAt = frame.lastIndexOf(opaqueKey) + opaqueKey.length;
    this.opaqueLength = digitCount(head.opaque);
    let from = 0;
    this.writer.names.forEach((name, i) => {
      this.values[i] = header[name];
      this.varies[i] = typeof header[name] === 'object' ? 1 : 0;
      const open = this.writer.jsonKey(i);
      // Quotes inside values are escaped: the next key as it is written can only be the key.
      const at = this.writer.isWritten(i, header) ? frame.indexOf(open, from) + open.length : from;
      const end = at === from ? from : closingQuote(frame, at);
      this.valueAt[i] = at;
      this.valueLength[i] = end - at;
      from = end;
    });
  }

  private fits({ code, flag, language, version, remark }: CommandHead): boolean {
    const { head } = this;
    if (head === undefined || remark !== '') return false;
    return head.code === code && head.flag === flag && head.language === language && head.version === version;
  }

  private patch(sink: ByteSink, start: number, slot: number, value: unknown): boolean {
    const at = start + (this.valueAt[slot] as number);
    const length = this.valueLength[slot] as number;
    const known = this.values[slot];
    this.varies[slot] = 1;
    if (typeof value === 'object') {
      if (typeof known !== 'object' || (value as AsciiText | null)?.length !== length) return false;
      (value as AsciiText).writeTo(sink.bytes, at);
      return true;
    }
    if (typeof value === 'string') {
      return typeof known === 'string' && value.length === known.length && sink.changeText(at, known, value);
    }
    if (typeof value !== 'number' || typeof known !== 'number' || digitCount(value) !== length) return false;
    sink.setDigits(at, length, value);
    return true;
  }
}

function closingQuote(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] !== 0x22) at += bytes[at] === 0x5c ? 2 : 1;
  return at;
}
