import type { CommandHead } from '../command.js';
import type { FieldValues } from './field-values.js';
import type { FrameView } from './frame-view.js';
import type { Header, HeaderPlan } from './header-plan.js';
import { HeaderShape, sampleOf, type ValueReader } from './header-shape.js';

/** Kinds of clients - language, version, optional fields - that are remembered at a time. */
const mostShapes = 8;
/** Longer headers are not remembered, bytes. */
const longest = 2048;
/** Learning costs as much as five scans: after so many lessons, hardly any header is learned from. */
const eagerLessons = 64;
const lessonEvery = 256;
/**
 * Comparing in vain is time lost. Where less than one header in five has a known shape, misses add up, and above
 * `patience` most headers are not even compared.
 */
const patience = 64;
const worthOfHit = 4;
const attemptEvery = 16;

/** The shapes of one request in one serializer, the last used one first. */
export class KnownShapes {
  private readonly shapes: HeaderShape[] = [];
  private misses = 0;
  private skipped = 0;
  private lessons = 0;

  constructor(
    private readonly plan: HeaderPlan,
    private readonly values: FieldValues,
    private readonly frameView: FrameView,
  ) {}

  /** The shape of [at, end); `values` has what was read then, and leftovers otherwise. */
  read(reader: ValueReader, frame: Buffer, at: number, end: number): HeaderShape | undefined {
    if (this.misses > patience && ++this.skipped % attemptEvery !== 0) return undefined;
    const { shapes, values } = this;
    for (let i = 0; i < shapes.length; i++) {
      const shape = shapes[i] as HeaderShape;
      values.clear();
      if (!shape.read(this.frameView, reader, frame, at, end)) continue;
      this.misses = Math.max(0, this.misses - worthOfHit);
      if (i > 0) {
        shapes[i] = shapes[0] as HeaderShape;
        shapes[0] = shape;
      }
      return shape;
    }
    if (this.misses <= patience) this.misses++;
    return undefined;
  }

  /** From a header of no known shape that was then scanned as a whole into `values`. */
  learn(frame: Buffer, start: number, end: number, header: Readonly<Header>, head: CommandHead): void {
    if (this.lessons++ >= eagerLessons && this.lessons % lessonEvery !== 0) return;
    if (end - start > longest || !this.values.hasAllSpans) return;
    const sample = sampleOf(frame, start, end, this.values, header, head);
    const { shapes } = this;
    for (let i = 0; i < shapes.length; i++) {
      const wider = (shapes[i] as HeaderShape).including(sample);
      if (wider === undefined) continue;
      shapes[i] = wider;
      return;
    }
    if (shapes.length === mostShapes) shapes.pop();
    shapes.unshift(HeaderShape.of(this.plan, sample));
  }
}
