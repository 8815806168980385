import type { CommandHead } from '../command.js';
import { odd } from './ascii.js';
import type { FieldValues } from './field-values.js';
import type { FrameView } from './frame-view.js';
import type { Header, HeaderPlan, HeaderTemplate } from './header-plan.js';

/** Reads values by their slot, in one of the serializers, exactly as a whole scan does. */
export interface ValueReader {
  /** Leaves the value at `at` where values go; returns the position after it, or `odd`. */
  readValue(plan: HeaderPlan, slot: number, bytes: Buffer, at: number): number;
}

/** A value in a header that was scanned as a whole: its slot, its first byte and the byte after it. */
interface Span {
  readonly slot: number;
  readonly start: number;
  readonly end: number;
}

interface HeaderText {
  readonly bytes: Buffer;
  readonly spans: readonly Span[];
}

/** A header that was scanned as a whole. */
export interface HeaderSample {
  readonly text: HeaderText;
  readonly header: Readonly<Header>;
  /** Bits of the slots that have a value. */
  readonly present: number;
  readonly head: CommandHead;
}

/**
 * What the headers of one request from one kind of client have in common: keys and punctuation, always; and every value
 * that was the same in all samples so far. Between these runs of bytes stand the values that vary.
 *
 *   {"code":310,"extFields":{"a":"group","b":"topic","e":" 3 ","f":"0","g":" 1700000000000 ", ...
 *   '----------------------- run ----------------------'   '--- run ---'                 '- run
 *
 * A header has the shape when each run stands, byte for byte, where the value before it ended: nothing is believed
 * unseen. The values are read by the code that reads them in a whole scan.
 */
export class HeaderShape {
  readonly head: CommandHead;
  readonly template: HeaderTemplate;
  private readonly text: HeaderText;
  private readonly known: DataView;
  /** Slots of the values that vary. Run i ends before value i; one more run follows the last value. */
  private readonly slots: Int32Array;
  private readonly runStarts: Int32Array;
  private readonly runEnds: Int32Array;

  /** @param varying whether each span's value varies */
  private constructor(
    private readonly plan: HeaderPlan,
    { text, header, present, head }: HeaderSample,
    private readonly varying: readonly boolean[],
  ) {
    const { bytes } = text;
    const spans = text.spans.filter((_, i) => varying[i] === true);
    this.head = head;
    this.text = text;
    this.known = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.slots = Int32Array.from(spans, ({ slot }) => slot);
    this.runStarts = Int32Array.from([0, ...spans.map(({ end }) => end)]);
    this.runEnds = Int32Array.from([...spans.map(({ start }) => start), bytes.length]);
    const fields = spans.map(({ slot }) => slot).filter((slot) => slot >= 0);
    this.template = plan.without(header, present, fields);
  }

  /** Of one sample. What is not in the header object varies as soon as it may, and so does what is lent only. */
  static of(plan: HeaderPlan, sample: HeaderSample): HeaderShape {
    const varying = sample.text.spans.map(({ slot }) => slot < 0 || plan.kinds[slot] === 'utf8');
    return new HeaderShape(plan, sample, varying);
  }

  /** Whether [at, end) of the frame has this shape; its values have been read then. */
  read({ view, base }: FrameView, reader: ValueReader, frame: Buffer, at: number, end: number): boolean {
    const { plan, known, slots, runStarts, runEnds } = this;
    const last = slots.length;
    // The last run first: it has the client's version in it, and where it must stand is known.
    const lastAt = end - ((runEnds[last] as number) - (runStarts[last] as number));
    if (lastAt < at || !isSame(view, base + lastAt, known, runStarts[last] as number, runEnds[last] as number)) {
      return false;
    }
    for (let i = 0; i < last; i++) {
      const start = runStarts[i] as number;
      const runEnd = runEnds[i] as number;
      const valueAt = at + runEnd - start;
      if (valueAt > lastAt || !isSame(view, base + at, known, start, runEnd)) return false;
      at = reader.readValue(plan, slots[i] as number, frame, valueAt);
      if (at === odd) return false;
    }
    return at === lastAt;
  }

  /** The shape of this one's samples and of `other`; undefined when they differ in more than values. */
  including(other: HeaderSample): HeaderShape | undefined {
    const { text } = this;
    if (!hasSameSurroundings(text, other.text)) return undefined;
    const varying = this.varying.map((varies, i) => varies || !hasSameValue(text, other.text, i));
    return new HeaderShape(this.plan, other, varying);
  }
}

/**
 * Whether `known` has in [start, end) what the frame has from `at` on. Four bytes at a time: 250 bytes take 90 ns; one at
 * a time they take 260, and a call into native code takes 60 before it has looked at any.
 */
function isSame(frame: DataView, at: number, known: DataView, start: number, end: number): boolean {
  for (; start + 4 <= end; start += 4, at += 4)
    if (frame.getInt32(at, true) !== known.getInt32(start, true)) return false;
  for (; start < end; start++, at++) if (frame.getUint8(at) !== known.getUint8(start)) return false;
  return true;
}

function hasSameSurroundings(one: HeaderText, other: HeaderText): boolean {
  if (one.spans.length !== other.spans.length) return false;
  let [at, otherAt] = [0, 0];
  for (const [i, span] of one.spans.entries()) {
    const otherSpan = other.spans[i] as Span;
    if (span.slot !== otherSpan.slot) return false;
    const gap = one.bytes.subarray(at, span.start);
    if (!gap.equals(other.bytes.subarray(otherAt, otherSpan.start))) return false;
    [at, otherAt] = [span.end, otherSpan.end];
  }
  return one.bytes.subarray(at).equals(other.bytes.subarray(otherAt));
}

function hasSameValue(one: HeaderText, other: HeaderText, index: number): boolean {
  const [a, b] = [one.spans[index] as Span, other.spans[index] as Span];
  return one.bytes.subarray(a.start, a.end).equals(other.bytes.subarray(b.start, b.end));
}

/** [start, end) of a frame that was scanned as a whole into `values`. */
export function sampleOf(
  frame: Buffer,
  start: number,
  end: number,
  values: FieldValues,
  header: Readonly<Header>,
  { code, language, version, opaque, flag, remark, serializer }: CommandHead,
): HeaderSample {
  return {
    text: {
      bytes: Buffer.from(frame.subarray(start, end)),
      spans: Array.from({ length: values.spans }, (_, i) => ({
        slot: values.spanSlots[i] as number,
        start: (values.spanStarts[i] as number) - start,
        end: (values.spanEnds[i] as number) - start,
      })),
    },
    header,
    present: values.present,
    head: { code, language, version, opaque, flag, remark, serializer },
  };
}
