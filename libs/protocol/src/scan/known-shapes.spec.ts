import { beforeEach, describe, expect, it } from '@jest/globals';
import { ByteSink } from '../byte-sink.js';
import { Serializer, encodeHead, type SerializerCode } from '../command.js';
import { request, type AnyDeclaration } from '../declaration.js';
import { int, long, text } from '../field.js';
import { FieldValues } from './field-values.js';
import { FrameView } from './frame-view.js';
import { HeaderPlan, type Header } from './header-plan.js';
import { odd } from './ascii.js';
import { BinaryScanner } from './binary-scanner.js';
import { JsonScanner } from './json-scanner.js';
import { KnownShapes } from './known-shapes.js';
import type { RequestPlan, ScannedCommand } from './scanned-command.js';
import { ValueScanner } from './value-scanner.js';

const sample = request('SAMPLE', {
  code: 310,
  server: 'broker',
  note: 'Texts and numbers.',
  header: { topic: text(), queueId: int(), offset: long(), tags: text().optional() },
}) as unknown as AnyDeclaration;

type Pairs = readonly (readonly [string, string])[];

function pairsOf(change: Readonly<Record<string, string>> = {}): Pairs {
  return Object.entries({ topic: 'T', queueId: '1', offset: '10', tags: 'a\u0001b', ...change });
}

describe.each([
  ['JSON', Serializer.JSON],
  ['binary', Serializer.ROCKETMQ],
] as const)('shapes of %s headers', (_name, serializer: SerializerCode) => {
  let values: FieldValues;
  let view: FrameView;
  let scanner: ValueScanner;
  let plan: RequestPlan;
  let read: string[];
  let scan: (frame: Buffer) => ScannedCommand | undefined;

  beforeEach(() => {
    values = new FieldValues();
    view = new FrameView();
    scanner = new ValueScanner(view);
    const header = HeaderPlan.of(sample.header, sample.code) as HeaderPlan;
    const [jsonShapes, binaryShapes] = [new KnownShapes(header, values, view), new KnownShapes(header, values, view)];
    plan = { declaration: sample, header, jsonShapes, binaryShapes };
    const plans = new Map([[sample.code, plan]]);
    const format = serializer === Serializer.JSON ? JsonScanner : BinaryScanner;
    const reader = new format(plans, values, scanner);
    read = [];
    const readValue = reader.readValue.bind(reader);
    reader.readValue = (...args) => {
      const next = readValue(...args);
      if (next !== odd) read.push(header.names[args[1]] ?? 'no field');
      return next;
    };
    scan = (frame) => {
      view.begin(frame);
      return reader.scan({ bytes: frame, start: 0, headerEnd: frame.length, end: frame.length });
    };
  });

  /** The fields whose values were read from the bytes, and the header. */
  function decode(pairs: Pairs, version = 407): { fields: string[]; header: Header | undefined } {
    const sink = new ByteSink();
    encodeHead(sink, { code: 310, language: 0, version, opaque: 7, flag: 0, remark: '', serializer }, pairs, 0);
    read = [];
    const command = scan(Buffer.from(sink.written().subarray(4)));
    return { fields: read.filter((name) => name !== 'no field'), header: command?.header };
  }

  const all = ['topic', 'queueId', 'offset', 'tags'];

  it('reads values that never differed once', () => {
    expect(decode(pairsOf()).fields).toEqual(all);
    expect(decode(pairsOf()).fields).toEqual([]);
    expect(decode(pairsOf()).header).toEqual({ topic: 'T', queueId: 1, offset: 10, tags: 'a\u0001b' });
  });

  it('learns which values differ, and reads those from then on', () => {
    decode(pairsOf());
    expect(decode(pairsOf({ offset: '11' })).fields.slice(-4)).toEqual(all);
    const { fields, header } = decode(pairsOf({ offset: '123456' }));
    expect(fields).toEqual(['offset']);
    expect(header).toEqual({ topic: 'T', queueId: 1, offset: 123456, tags: 'a\u0001b' });
    decode(pairsOf({ tags: '' }));
    const without = decode(pairsOf({ offset: '1', tags: '' }));
    expect(without.fields).toEqual(['offset', 'tags']);
    expect(without.header).toEqual({ topic: 'T', queueId: 1, offset: 1 });
  });

  it('knows clients of several kinds at a time, and forgets one when another comes', () => {
    const kinds = Array.from({ length: 8 }, (_, i) => [...pairsOf(), [`extra${i}`, 'x']] as Pairs);
    for (const kind of kinds) decode(kind);
    for (const kind of kinds) expect(decode(kind).fields).toEqual([]);
    decode([...pairsOf(), ['one', 'more']]);
    const known = kinds.filter((kind) => decode(kind).fields.length === 0);
    expect(known).toHaveLength(7);
  });

  it('does not even compare for long where no header is like another, and finds back', () => {
    const strange = (i: number): Pairs => [...pairsOf(), [`extra${i}`, 'x']];
    for (let i = 0; i < 1000; i++) expect(decode(strange(i)).fields.slice(-4)).toEqual(all);
    const again = Array.from({ length: 1000 }, () => decode(strange(-1)).fields.length);
    expect(again.slice(-100)).toEqual(again.slice(-100).map(() => 0));
  });

  it('remembers no long headers', () => {
    const long = pairsOf({ tags: 'x'.repeat(3000) });
    decode(long);
    expect(decode(long).fields).toEqual(all);
  });
});
