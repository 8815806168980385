import { describe, expect, it } from '@jest/globals';
import {
  ByteSink,
  Serializer,
  allDeclarations,
  decodeCommand,
  decodeHeader,
  Utf8Text,
  encodeHead,
  encodeHeader,
  type AnyDeclaration,
  type Command,
  type Fields,
} from '../../libs/protocol/src/index.js';
import { goldenLines, isRecordedSomewhere, versions, type HeaderLine } from './golden.js';

const served = allDeclarations.filter((row): row is AnyDeclaration => row.supported);

/** Fields that Java adds beside the header class, so that its samples do not have them. */
const addedBesideTheHeader = new Set(['region', 'traceOn']);

function frameOf(line: HeaderLine): { frame: Buffer; command: Command } {
  const frame = Buffer.from(line.frame, 'base64');
  expect(frame.readInt32BE(0)).toBe(frame.length - 4);
  return { frame, command: decodeCommand(frame.subarray(4)) };
}

/** 5.x's clients between brokers add it to any request; without use to most of them. */
const routingLayer = new Set(['bname']);

/** Java's field values under our names: Java's field name is the wire key. */
function expectedHeader(fields: Fields, line: HeaderLine): Record<string, unknown> {
  const expected: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const value = line.fields[field.wireKey ?? name] ?? field.fallback;
    if (value !== undefined) expected[name] = value;
  }
  return expected;
}

/** Some texts are read as bytes. */
function inTexts(header: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const values = Object.entries(header).map(([name, value]) => [
    name,
    value instanceof Utf8Text ? String(value) : value,
  ]);
  return Object.fromEntries(values) as Record<string, unknown>;
}

/** Our pairs in the order of Java's hash map, which is nobody's contract. */
function inOrderOf(command: Command, pairs: readonly (readonly [string, string])[]): (readonly [string, string])[] {
  const order = Object.keys(command.ext);
  return [...pairs].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
}

describe.each(versions)('header bytes of Java %s', (version) => {
  const lines = goldenLines(version, 'headers') as unknown as HeaderLine[];

  it.each(served.map((declaration) => [declaration.name, declaration] as const))(
    '%s has a case',
    (name, { header, reply, headerClass, replyClass }) => {
      expect(headerClass === undefined).toBe(Object.keys(header).length === 0);
      expect(replyClass === undefined).toBe(Object.keys(reply).length === 0);
      const own = lines.filter((line) => line.name === name);
      const absent = new Set(own.flatMap(({ missing }) => missing ?? []));
      for (const javaClass of absent) expect(isRecordedSomewhere('headers', javaClass)).toBe(true);
      // Each direction in both serializers; with a header once more, with nothing but its required fields.
      const request = headerClass === undefined ? 2 : absent.has(headerClass) ? 0 : 4;
      const answer = replyClass === undefined || absent.has(replyClass) ? 0 : 4;
      expect(own.filter(({ missing }) => !missing)).toHaveLength(request + answer);
    },
  );

  const cases = lines.filter(({ missing }) => !missing);
  it.each(cases.map((line) => [`${line.name} ${line.kind} ${line.variant} ${line.serializer}`, line] as const))(
    '%s',
    (_title, line) => {
      const declaration = served.find(({ name }) => name === line.name) as AnyDeclaration;
      const fields = line.kind === 'request' ? declaration.header : declaration.reply;
      const { frame, command } = frameOf(line);
      expect(command).toMatchObject({
        code: line.kind === 'request' ? declaration.code : 0,
        opaque: -77,
        version: 407,
        language: 0,
        flag: line.kind === 'request' ? 0 : 1,
        serializer: Serializer[line.serializer],
      });
      expect(command.body.toString()).toBe('body');

      const known = new Set(Object.entries(fields).map(([name, field]) => field.wireKey ?? name));
      const undeclared = Object.keys(line.fields).filter((key) => !known.has(key));
      expect(undeclared.filter((key) => !routingLayer.has(key))).toEqual([]);

      const header = inTexts(decodeHeader(fields, command.ext));
      expect(header).toEqual(expectedHeader(fields, line));

      const given = new Set(Object.keys(line.fields));
      const extra = Object.fromEntries(undeclared.map((key) => [key, String(line.fields[key])]));
      const pairs = encodeHeader(fields, header, extra).filter(
        ([key]) => given.has(key) || addedBesideTheHeader.has(key),
      );
      const sink = new ByteSink();
      encodeHead(sink, command, inOrderOf(command, pairs), command.body.length);
      if (pairs.length === 0) {
        // Java writes "extFields":{} or nothing; to readers that is the same.
        expect({ ...decodeCommand(sink.written().subarray(4)), body: command.body }).toEqual(command);
        return;
      }
      expect(Buffer.concat([sink.written(), command.body]).toString('latin1')).toBe(frame.toString('latin1'));
    },
  );
});
