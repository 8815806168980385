import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { ByteSink } from './byte-sink.js';
import { encodeHead, Serializer, type CommandHead, type ExtSource, type SerializerCode } from './command.js';
import type { Field, Fields } from './field.js';
import { encodeHeader } from './header-codec.js';
import { DeclaredHeader, HeaderWriter } from './header-writer.js';
import { allDeclarations } from './requests/index.js';

function frame(ext: ExtSource, serializer: SerializerCode): string {
  const sink = new ByteSink(16);
  const head: CommandHead = { code: 310, language: 7, version: 407, opaque: -5, flag: 1, remark: '', serializer };
  encodeHead(sink, head, ext, 0);
  return sink.written().toString('latin1');
}

function valueOf(field: Field): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case 'text':
      return fc.oneof(
        fc.string({ unit: 'binary', maxLength: 100 }),
        fc.constant('TAGS\u0001a\u0002'),
        fc.constant('"\\/\u2028é'),
      );
    case 'int':
      return fc.integer();
    case 'long':
      return fc.oneof(fc.maxSafeInteger(), fc.constant(2 ** 63), fc.constant(-(2 ** 63)), fc.constant(2 ** 31));
    case 'bool':
      return fc.boolean();
    default:
      return fc.double({ noNaN: true, noDefaultInfinity: true });
  }
}

/** Values for required fields always, for the others sometimes. */
function headerOf(fields: Fields): fc.Arbitrary<Record<string, unknown>> {
  const model = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, valueOf(field)]));
  const requiredKeys = Object.keys(fields).filter((name) => fields[name]?.required);
  return fc.record(model, { requiredKeys }) as fc.Arbitrary<Record<string, unknown>>;
}

const extra = fc.option(fc.dictionary(fc.string({ minLength: 1 }), fc.string()), { nil: undefined });

describe('HeaderWriter', () => {
  const lists = allDeclarations.flatMap((d) =>
    d.supported ? [[`${d.name} request`, d.header] as const, [`${d.name} reply`, d.reply] as const] : [],
  );

  it.each(lists)('writes the bytes that the plain encoder writes: %s', (_name, fields) => {
    const writer = new HeaderWriter(fields);
    fc.assert(
      fc.property(headerOf(fields), extra, (header, more) => {
        for (const serializer of [Serializer.JSON, Serializer.ROCKETMQ]) {
          const plain = frame(encodeHeader(fields, header as never, more), serializer);
          expect(frame(new DeclaredHeader(writer, header, more), serializer)).toBe(plain);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('names a required field that is not set, before anything leaves', () => {
    const declaration = allDeclarations.find((d) => d.supported && d.name === 'PULL_MESSAGE');
    if (!declaration?.supported) throw new Error('PULL_MESSAGE is not declared');
    const header = new DeclaredHeader(new HeaderWriter(declaration.header), {}, undefined);
    expect(() => frame(header, Serializer.JSON)).toThrow('header field consumerGroup is not set');
  });
});
