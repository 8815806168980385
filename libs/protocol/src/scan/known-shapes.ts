import type { CommandHead } from '../command.js';
import type { FieldValues } from './field-values.js';
import type { FrameWords } from './frame-words.js';
import type { Header, HeaderPlan } from './header-plan.js';
import { HeaderShape, sampleOf, type ValueReader } from './header-shape.js';

/** Kinds of clients - language, version, optional fields - that are remembered at a time. */
const mostShapes = 4;
/** Longer headers are not remembered, bytes. */
const longest = 2048;
/** Learning costs as much as a few scans: where headers keep differing, most of them are not learned from. */
const eagerMisses = 64;
const seldom = 16;

/** The shapes of one request in one serializer, the last used first. */
export class KnownShapes {
  private readonly shapes: HeaderShape[] = [];
  private misses = 0;

  constructor(
    private readonly plan: HeaderPlan,
    private readonly values: FieldValues,
    private readonly words: FrameWords,
  ) {}

  /** The shape of [at, end); `values` has what was read then, and leftovers otherwise. */
  read(reader: ValueReader, frame: Buffer, at: number, end: number): HeaderShape | undefined {
    const { shapes, values } = this;
    for (let i = 0; i < shapes.length; i++) {
      const shape = shapes[i] as HeaderShape;
      values.clear();
      if (!shape.read(this.words, reader, frame, at, end)) continue;
      if (i > 0) {
        shapes[i] = shapes[0] as HeaderShape;
        shapes[0] = shape;
      }
      return shape;
    }
    return undefined;
  }

  /** From a header of no known shape that was then scanned as a whole into `values`. */
  learn(frame: Buffer, start: number, end: number, header: Readonly<Header>, head: CommandHead): void {
    if (this.misses++ >= eagerMisses && this.misses % seldom !== 0) return;
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
