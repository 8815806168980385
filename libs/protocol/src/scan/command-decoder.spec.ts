import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { ByteSink } from '../byte-sink.js';
import {
  CommandFlag,
  Serializer,
  decodeCommand,
  encodeHead,
  maxHeaderLength,
  maxReplyHeaderLength,
  type Command,
  type SerializerCode,
} from '../command.js';
import { request, type AnyDeclaration } from '../declaration.js';
import { bool, int, long, text } from '../field.js';
import { decodeHeader } from '../header-codec.js';
import { allDeclarations } from '../requests/index.js';
import { Utf8Text } from '../message/index.js';
import { CommandDecoder, keptCommand, readRequestHeader } from './command-decoder.js';
import { ScannedCommand } from './scanned-command.js';

const sample = request('SAMPLE', {
  code: 310,
  server: 'broker',
  note: 'Every kind of field.',
  header: {
    topic: text().wire('b'),
    tags: text().optional(),
    queueId: int().wire('e'),
    offset: long(),
    times: int().or(7),
    batch: bool().or(false),
    unit: bool().optional(),
    old: text().optional().alias('older'),
  },
}) as unknown as AnyDeclaration;

const decoder = new CommandDecoder([sample]);

function frameOf(header: string | Buffer, serializer: SerializerCode = Serializer.JSON, body = 'body'): Buffer {
  const bytes = Buffer.from(header);
  const word = Buffer.alloc(4);
  word.writeUInt32BE((serializer << 24) | bytes.length);
  return Buffer.concat([word, bytes, Buffer.from(body)]);
}

const jsonFrame = (ext: string, rest = '"flag":0,"language":"GO","opaque":5,"version":401'): Buffer =>
  frameOf(`{"code":310,"extFields":${ext},${rest}}`);

type Outcome = { readonly value: unknown } | { readonly error: unknown };

function outcomeOf(run: () => unknown): Outcome {
  try {
    return { value: run() };
  } catch (error) {
    const { code, message } = error as { code: unknown; message: unknown };
    return { error: { code, message } };
  }
}

const headOf = ({ code, language, version, opaque, flag, remark, serializer, ext, body }: Command): unknown => ({
  code,
  language,
  version,
  opaque,
  flag,
  remark,
  serializer,
  ext: { ...ext },
  body: body.toString('latin1'),
});

/** Both decoders say the same of `frame`: the same command, the same header, or the same refusal in the same words. */
function expectAgreement(frame: Buffer, declaration: AnyDeclaration = sample, fast: CommandDecoder = decoder): void {
  const plain = outcomeOf(() => decodeCommand(frame));
  const scanned = outcomeOf(() => fast.decode(frame));
  if ('error' in plain || 'error' in scanned) {
    expect(scanned).toEqual(plain);
    return;
  }
  const [command, fastCommand] = [plain.value, scanned.value] as [Command, Command];
  expect(headOf(fastCommand)).toEqual(headOf(command));
  const read = outcomeOf(() => inTexts(readRequestHeader(declaration, fastCommand)));
  expect(read).toEqual(outcomeOf(() => inTexts(decodeHeader(declaration.header, command.ext))));
  // In memory of its own it is the same, and stays so.
  const kept = keptCommand(fastCommand);
  fast.decode(overwriting(declaration.code));
  expect(outcomeOf(() => inTexts(readRequestHeader(declaration, kept)))).toEqual(read);
  expect(headOf(kept)).toEqual(headOf(command));
}

/** Texts that are kept as bytes lie elsewhere in each decoder. */
const inTexts = (header: Readonly<Record<string, unknown>>): unknown =>
  Object.fromEntries(
    Object.entries(header).map(([name, value]) => [name, value instanceof Utf8Text ? { text: String(value) } : value]),
  );

/** Goes over what a decoder has lent. */
const overwriting = (code: number): Buffer =>
  frameOf(`{"code":${code},"extFields":{"properties":"${'z'.repeat(64)}","i":"${'z'.repeat(64)}"},"opaque":1}`);

function isFast(frame: Buffer): boolean {
  const command = decoder.decode(frame);
  return command instanceof ScannedCommand && command.header !== undefined;
}

const usual = '"b":"T","tags":"a\\u0001b\\u0002","e":"3","offset":"900719925474099"';

describe('CommandDecoder', () => {
  it.each([
    ['texts, numbers, escapes', `{${usual}}`],
    ['bare numbers and booleans', '{"b":"T","e":3,"offset":-5,"batch":true,"unit":false}'],
    ['an unknown key', `{${usual},"nobody":"knows"}`],
    ['text beyond ASCII', '{"b":"é漢","e":"3","offset":"0"}'],
    ['escapes beyond ASCII', '{"b":"\\u00e9\\u6f22\\/\\n","e":"3","offset":"0"}'],
    ['empty texts', '{"b":"","tags":"","e":"3","offset":"0","batch":"","times":""}'],
    ['signs and zeros', '{"b":"T","e":"-1","offset":"-000000000000012"}'],
  ])('takes the fast way for %s', (_name, ext) => {
    const frame = jsonFrame(ext);
    expect(isFast(frame)).toBe(true);
    expectAgreement(frame);
  });

  it.each([
    ['a missing field', '{"b":"T"}'],
    ['an empty number', '{"b":"T","e":"","offset":"0"}'],
    ['a word for a number', '{"b":"T","e":"three","offset":"0"}'],
    ['a number beyond 32 bits', '{"b":"T","e":"2147483648","offset":"0"}'],
    ['sixteen digits', '{"b":"T","e":"3","offset":"9007199254740993"}'],
    ['minus zero', '{"b":"T","e":"-0","offset":"-00"}'],
    ['a bare leading zero', '{"b":"T","e":03,"offset":"0"}'],
    ['a fraction', '{"b":"T","e":3.0,"offset":1e3}'],
    ['capitals', '{"b":"T","e":"3","offset":"0","batch":"TRUE"}'],
    ['a duplicate', '{"b":"T","b":"U","e":"3","offset":"0"}'],
    ['an empty duplicate', '{"b":"T","tags":"x","tags":"","e":"3","offset":"0"}'],
    ['null', '{"b":null,"e":"3","offset":"0"}'],
    ['an alias', '{"b":"T","older":"x","e":"3","offset":"0"}'],
    ['an escaped key', '{"\\u0062":"T","e":"3","offset":"0"}'],
    ['a number for a text', '{"b":5,"e":"3","offset":"0"}'],
    ['a nested value', '{"b":{"x":1},"e":"3","offset":"0"}'],
    ['an unknown nested value', `{${usual},"x":[1]}`],
    ['surrogates', '{"b":"\\ud83d\\ude00","e":"3","offset":"0"}'],
    ['a lone surrogate', '{"b":"\\ud83d","e":"3","offset":"0"}'],
    ['a bad escape', '{"b":"\\x","e":"3","offset":"0"}'],
    ['a control character', '{"b":"a\u0001","e":"3","offset":"0"}'],
    ['blanks', `{ ${usual}}`],
    ['no fields at all', 'null'],
  ])('leaves %s to the plain decoder', (_name, ext) => {
    const frame = jsonFrame(ext);
    expect(outcomeOf(() => isFast(frame))).not.toEqual({ value: true });
    expectAgreement(frame);
  });

  it.each([
    ['a response, whose codes mean something else', '"flag":1,"language":"GO","opaque":5,"version":401'],
    ['no opaque', '"flag":0'],
    ['opaque twice', '"opaque":1,"opaque":2'],
    ['an unknown member', '"opaque":1,"x":1'],
    ['an opaque beyond 32 bits', '"opaque":2147483648'],
    ['an unknown language', '"language":"COBOL","opaque":1'],
    ['a remark', '"opaque":1,"remark":"r\\u0001","serializeTypeCurrentRPC":"JSON"'],
    ['text after the object', '"opaque":1}{'],
  ])('agrees about %s', (_name, rest) => expectAgreement(jsonFrame(`{${usual}}`, rest)));

  it('agrees about bytes that are no UTF-8', () => {
    const frame = jsonFrame(`{${usual},"x":"?"}`);
    for (const at of [frame.indexOf('"T"') + 1, frame.indexOf('?'), frame.indexOf('GO')]) {
      const broken = Buffer.from(frame);
      broken[at] = 0xff;
      expectAgreement(broken);
    }
  });

  it('keeps nothing of one frame for the next', () => {
    expect(isFast(jsonFrame('{"b":"first","tags":"t","e":"1","offset":"1","unit":true}'))).toBe(true);
    const second = decoder.decode(jsonFrame('{"b":"second","e":"2","offset":"2"}'));
    expect(readRequestHeader(sample, second)).toEqual({
      topic: 'second',
      queueId: 2,
      offset: 2,
      times: 7,
      batch: false,
    });
  });

  it('takes longer headers where it is told so', () => {
    const frame = jsonFrame(`{${usual},"long":"${'x'.repeat(maxHeaderLength)}"}`);
    expect(() => decoder.decode(frame)).toThrow(`exceeds ${maxHeaderLength}`);
    const command = new CommandDecoder([sample], maxReplyHeaderLength).decode(frame);
    expect(readRequestHeader(sample, command)).toMatchObject({ topic: 'T' });
    expect(command.ext.long).toHaveLength(maxHeaderLength);
  });

  it('agrees at every cut of a frame', () => {
    for (const frame of [
      jsonFrame(`{${usual}}`),
      encoded({ topic: 'T', queueId: 1, offset: 2 }, Serializer.ROCKETMQ),
    ]) {
      for (let end = 4; end < frame.length; end++) expectAgreement(frame.subarray(0, end));
    }
  });
});

function encoded(header: Record<string, string | number | boolean>, serializer: SerializerCode): Buffer {
  const pairs = Object.entries(sample.header).flatMap(([name, field]): [string, string][] =>
    header[name] === undefined ? [] : [[field.wireKey ?? name, String(header[name])]],
  );
  const sink = new ByteSink();
  const head = { code: sample.code, language: 0, version: 407, opaque: 9, flag: 0, remark: '', serializer };
  encodeHead(sink, head, pairs, 0);
  return Buffer.from(sink.written().subarray(4));
}

/** Values a field may get: fitting ones mostly, and everything else. */
const wireValue = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.integer().map(String),
  fc.maxSafeInteger().map(String),
  fc.boolean().map(String),
  fc.constantFrom('', '0', '-1', '007', '9223372036854775807', 'true', 'TRUE', 'a\u0001b\u0002', '%RETRY%g'),
);

const jsonValue = fc.oneof(
  { weight: 8, arbitrary: wireValue.map((value) => JSON.stringify(value)) },
  {
    weight: 2,
    arbitrary: fc.oneof(fc.integer(), fc.boolean(), fc.double(), fc.constant(null)).map((v) => JSON.stringify(v)),
  },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify(value)) },
);

describe.each(
  allDeclarations
    .filter((row): row is AnyDeclaration => row.supported && Object.keys(row.header).length > 0)
    .map((row) => [row.name, row] as const),
)('%s', (_name, declaration) => {
  const fast = new CommandDecoder([declaration]);
  const keys = Object.entries(declaration.header).map(([name, field]) => field.wireKey ?? name);
  const key = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...keys) },
    { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
  );
  const runs = { numRuns: 25 };

  it('reads JSON as the plain decoder does', () => {
    const member = fc.tuple(key, jsonValue);
    fc.assert(
      fc.property(
        fc.array(member, { maxLength: keys.length + 2 }),
        fc.constantFrom(0, CommandFlag.ONE_WAY),
        (members, flag) => {
          const ext = members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',');
          const header = `{"code":${declaration.code},"extFields":{${ext}},"flag":${flag},"language":"JAVA","opaque":1,"version":407}`;
          expectAgreement(frameOf(header), declaration, fast);
        },
      ),
      runs,
    );
  });

  it('reads the binary form as the plain decoder does', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(key, wireValue), { maxLength: keys.length + 2 }), (pairs) => {
        const sink = new ByteSink();
        const head = { code: declaration.code, language: 9, version: 407, opaque: 1, flag: 0, remark: '' };
        encodeHead(sink, { ...head, serializer: Serializer.ROCKETMQ }, pairs, 0);
        expectAgreement(Buffer.from(sink.written().subarray(4)), declaration, fast);
      }),
      runs,
    );
  });
});

describe('a frame with bytes changed', () => {
  const frames = [
    jsonFrame(`{${usual},"batch":true,"x":"y"}`),
    encoded({ topic: 'T', tags: 'a\u0001b', queueId: 1, offset: 2, batch: true, old: 'é' }, Serializer.ROCKETMQ),
  ];

  it.each(frames.map((frame, i) => [i === 0 ? 'JSON' : 'binary', frame] as const))('%s: both agree', (_name, frame) => {
    const change = fc.tuple(fc.nat(frame.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const broken = Buffer.from(frame);
        for (const [at, value] of changes) broken[at] = value;
        expectAgreement(broken);
      }),
      { numRuns: 800 },
    );
  });
});

/** A header as its parts, of which a sequence of edits changes one at a time. */
interface Parts {
  readonly ext: readonly (readonly [key: string, value: string])[];
  readonly opaque: number;
  readonly flag: number;
  readonly language: string;
  readonly version: number;
}

const usualParts: Parts = {
  ext: [
    ['b', 'topic'],
    ['tags', 'KEYS\u0001k\u0002WAIT\u0001true\u0002'],
    ['e', '3'],
    ['offset', '1700000000000'],
    ['batch', 'false'],
    ['sign', 'c2lnbmF0dXJl'],
  ],
  opaque: 9,
  flag: 0,
  language: 'JAVA',
  version: 407,
};

const similarValue = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -5, max: 1100 }).map(String) },
  { weight: 2, arbitrary: fc.constantFrom('topic', 'topik', 'topic2', 'é', 'a"b', 'back\\slash', '\u0001', '\u0003') },
  { weight: 2, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 12 }) },
  { weight: 2, arbitrary: wireValue },
);

type Edit = (parts: Parts) => Parts;

const indexed = fc.nat(20);
const withValue =
  (at: number, value: string): Edit =>
  (parts) => ({ ...parts, ext: parts.ext.map((pair, i) => (i === at % parts.ext.length ? [pair[0], value] : pair)) });

const edit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(indexed, similarValue).map(([at, value]) => withValue(at, value)) },
  { weight: 4, arbitrary: fc.integer().map((opaque): Edit => (parts) => ({ ...parts, opaque })) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1, 2).map((flag): Edit => (parts) => ({ ...parts, flag })) },
  { weight: 1, arbitrary: fc.constantFrom(407, 477, 7).map((version): Edit => (parts) => ({ ...parts, version })) },
  { weight: 1, arbitrary: fc.constantFrom('GO', 'JAVA').map((language): Edit => (parts) => ({ ...parts, language })) },
  {
    weight: 1,
    arbitrary: indexed.map((by): Edit => (parts) => {
      const turn = by % parts.ext.length;
      return { ...parts, ext: [...parts.ext.slice(turn), ...parts.ext.slice(0, turn)] };
    }),
  },
  { weight: 1, arbitrary: fc.constant<Edit>((parts) => ({ ...parts, ext: parts.ext.slice(0, 5) })) },
  { weight: 1, arbitrary: fc.constant<Edit>((parts) => ({ ...parts, ext: [...parts.ext, ['unit', 'true']] })) },
  { weight: 2, arbitrary: fc.constant<Edit>(() => usualParts) },
);

function partsFrame(parts: Parts, serializer: SerializerCode, bare: boolean): Buffer {
  const { ext, opaque, flag, language, version } = parts;
  if (serializer === Serializer.ROCKETMQ) {
    const sink = new ByteSink();
    encodeHead(sink, { code: 310, language: 9, version, opaque, flag, remark: '', serializer }, ext, 0);
    return Buffer.from(sink.written().subarray(4));
  }
  const value = (text: string): string => (bare && /^(-?(0|[1-9]\d*)|true|false)$/.test(text) ? text : quoted(text));
  const fields = ext.map(([key, text]) => `${quoted(key)}:${value(text)}`).join(',');
  return jsonFrame(`{${fields}}`, `"flag":${flag},"language":"${language}","opaque":${opaque},"version":${version}`);
}

const quoted = (text: string): string => JSON.stringify(text);

describe('headers that are much alike', () => {
  const steps = fc.array(fc.tuple(edit, fc.boolean(), fc.option(fc.tuple(fc.nat(), fc.nat(255)), { freq: 8 })), {
    minLength: 2,
    maxLength: 40,
  });

  it.each([
    ['JSON', Serializer.JSON],
    ['binary', Serializer.ROCKETMQ],
  ] as const)('%s: nothing is taken over from an earlier one but what stands there', (_name, serializer) => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const fast = new CommandDecoder([sample]);
        let parts = usualParts;
        for (const [change, bare, broken] of sequence) {
          parts = change(parts);
          const frame = partsFrame(parts, serializer, bare);
          expectAgreement(frame, sample, fast);
          if (broken !== null) frame[broken[0] % frame.length] = broken[1];
          expectAgreement(frame, sample, fast);
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['JSON', Serializer.JSON],
    ['binary', Serializer.ROCKETMQ],
  ] as const)('%s: every byte of a known one counts', (_name, serializer) => {
    const fast = new CommandDecoder([sample]);
    const changes: Edit[] = [withValue(1, 'KEYS\u0001l\u0002'), withValue(2, '44'), withValue(3, '8')];
    for (const change of changes) fast.decode(partsFrame(change(usualParts), serializer, false));
    const known = partsFrame(usualParts, serializer, false);
    for (let at = 0; at < known.length; at++) {
      for (const byte of ['"', '\\', ',', '}', '0', 'x', '\u0000', '\u00ff']) {
        const broken = Buffer.from(known);
        broken.write(byte, at, 'latin1');
        expectAgreement(broken, sample, fast);
      }
      expectAgreement(known, sample, fast);
    }
  });

  it.each([
    ['JSON', Serializer.JSON],
    ['binary', Serializer.ROCKETMQ],
  ] as const)('%s: a known one with a piece cut out is not read beyond its end', (_name, serializer) => {
    const fast = new CommandDecoder([sample]);
    const known = partsFrame(usualParts, serializer, false);
    const header = known.subarray(4, 4 + known.readUIntBE(1, 3));
    fast.decode(partsFrame(withValue(2, '44')(usualParts), serializer, false));
    for (let from = 0; from < header.length; from += 2) {
      for (let to = from; to < header.length; to += 3) {
        const cut = frameOf(Buffer.concat([header.subarray(0, from), header.subarray(to)]), serializer, '');
        const alone = Buffer.allocUnsafeSlow(cut.length);
        cut.copy(alone);
        fast.decode(known);
        expectAgreement(alone, sample, fast);
      }
    }
  });

  it('binary: a value of a known one that reaches to the end leaves nothing to compare', () => {
    const fast = new CommandDecoder([sample]);
    const changes = [withValue(0, 'other'), withValue(3, '8')];
    for (const change of changes) fast.decode(partsFrame(change(usualParts), Serializer.ROCKETMQ, false));
    const known = partsFrame(usualParts, Serializer.ROCKETMQ, false);
    const alone = Buffer.allocUnsafeSlow(known.length);
    known.copy(alone);
    const topicAt = known.indexOf('topic');
    alone.writeInt32BE(known.length - topicAt, topicAt - 4);
    expectAgreement(alone, sample, fast);
  });

  it('does not mind what a handler does with its header', () => {
    const fast = new CommandDecoder([sample]);
    for (let round = 0; round < 3; round++) {
      const command = fast.decode(partsFrame(usualParts, Serializer.JSON, false));
      const header = readRequestHeader(sample, command) as Record<string, unknown>;
      expect(header.topic).toBe('topic');
      header.topic = 'mine';
    }
  });
});
