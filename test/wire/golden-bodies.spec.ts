import { describe, expect, it } from '@jest/globals';
import {
  JsonObject,
  allDeclarations,
  messageCrc,
  plainDialect,
  readJson,
  registerBrokerBody,
  writeJson,
  type AnyDeclaration,
  type BodyCodec,
  type JsonMember,
  type JsonStyle,
  type JsonValue,
} from '../../libs/protocol/src/index.js';
import { goldenLines, isRecordedSomewhere, versions, type BodyLine, type GoldenLine } from './golden.js';

const codecs = new Map<string, BodyCodec<unknown>>();
for (const row of allDeclarations) {
  if (!row.supported) continue;
  const { requestBody, replyBody }: AnyDeclaration = row;
  for (const codec of [requestBody, replyBody]) codecs.set(codec.label.replace(', or none', ''), codec);
}
const rawLabels = ['none', 'bytes', 'text'];

/** Members of 5.x that are read and forgotten: static topics have no meaning here. */
const forgotten = new Set(['topicQueueMappingDetailMap', 'mappingDetail', 'topicQueueMappingDetail']);

function withoutForgotten(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutForgotten);
  if (!(value instanceof JsonObject)) return value;
  const kept = value.members.filter(([key]) => typeof key !== 'string' || !forgotten.has(key));
  return new JsonObject(kept.map(([key, member]): JsonMember => [withoutForgotten(key), withoutForgotten(member)]));
}

const hasForgotten = (text: string): boolean => [...forgotten].some((name) => text.includes(`"${name}"`));

/** The reader cannot tell 0.0 from 0. */
const hasDouble = (text: string): boolean => /:-?\d+\.\d/.test(text);

describe.each(versions)('body bytes of Java %s', (version) => {
  const lines = goldenLines(version, 'bodies');
  const bodies = lines.filter(({ kind }) => kind === 'body') as unknown as BodyLine[];

  it('has a case for every body of a served request', () => {
    const labels = [...codecs.keys()].filter((label) => !rawLabels.includes(label));
    expect(bodies.map((line) => line.class).sort()).toEqual(labels.sort());
    for (const line of bodies) if (line.missing) expect(isRecordedSomewhere('bodies', line.class)).toBe(true);
  });

  const recorded = bodies.filter(({ missing }) => !missing);
  it.each(recorded.map((line) => [line.class, line] as const))('%s survives decoding and encoding', (name, line) => {
    const codec = codecs.get(name) as BodyCodec<unknown>;
    for (const text of [line.compact, line.pretty]) {
      const value = codec.decode(Buffer.from(text, 'utf8'));
      const again = Buffer.concat([codec.encode(value, plainDialect)].flat()).toString('utf8');
      const expected = hasForgotten(text) ? writeJson(withoutForgotten(readJson(line.compact))) : line.compact;
      expect(again).toBe(expected);
    }
  });

  it('TopicRouteData is standard JSON for clients since 4.9.4', () => {
    const line = recorded.find((body) => body.class === 'TopicRouteData') as BodyLine;
    const codec = codecs.get('TopicRouteData') as BodyCodec<unknown>;
    const value = codec.decode(Buffer.from(line.standard, 'utf8'));
    const encode = (peerVersion: number, standardJson: boolean): string =>
      Buffer.concat([codec.encode(value, { peerVersion, standardJson })].flat()).toString('utf8');
    expect(encode(401, false)).toBe(line.standard);
    expect(encode(400, true)).toBe(line.standard);
    expect(encode(400, false)).toBe(line.compact);
    expect(JSON.parse(line.standard)).toEqual(JSON.parse(encode(407, false)));
  });

  const styles: readonly JsonStyle[] = ['compact', 'pretty', 'standard'];
  const documents = lines.filter(({ kind, missing }) => (kind === 'body' && !missing) || kind === 'document');
  it.each(
    documents.map(
      (line) => [typeof line.class === 'string' ? line.class : 'a document with references', line] as const,
    ),
  )('%s is spelled as fastjson spells it', (_name, line) => {
    for (const style of styles) {
      const text = (line as GoldenLine & Record<JsonStyle, string>)[style];
      // Keys that are objects become texts in standard JSON, which Java itself cannot read back.
      if (hasDouble(text) || (style === 'standard' && text.includes('"{\\"'))) continue;
      // A Set has no line breaks in Java's pretty form, a List has; no configuration file holds a Set by default.
      if (style === 'pretty' && /\[[^\n\]]/.test(text)) continue;
      if (line.kind === 'document') {
        expect(writeJson(unresolved(text), style)).toBe(text);
      } else {
        expect(writeJson(readJson(text), style)).toBe(text);
      }
    }
  });

  it('reads the compressed form of RegisterBrokerBody', () => {
    const line = lines.find(({ kind }) => kind === 'compressed') as GoldenLine & { bytes: string; compact: string };
    const bytes = Buffer.from(line.bytes, 'base64');
    expect(messageCrc(bytes)).toBe(line.crc);
    const { filterServerList, topicConfigSerializeWrapper: table } = registerBrokerBody.decode(bytes);
    const plain = registerBrokerBody.decode(Buffer.from(line.compact));
    expect(filterServerList).toEqual(plain.filterServerList);
    expect(table.dataVersion).toEqual(plain.topicConfigSerializeWrapper.dataVersion);
    // This form goes by the topic's own name, and knows neither flags nor order.
    expect([...table.topicConfigTable]).toEqual(
      [...plain.topicConfigSerializeWrapper.topicConfigTable.values()].map((topic) => [
        topic.topicName,
        { ...topic, topicSysFlag: 0, order: false },
      ]),
    );
    expect([...(table.topicQueueMappingInfoMap?.values() ?? [])]).toEqual([
      ...(plain.topicConfigSerializeWrapper.topicQueueMappingInfoMap?.values() ?? []),
    ]);
  });
});

/** As readJson, with references left as they are. */
function unresolved(text: string): JsonValue {
  const hidden = readJson(text.replaceAll('"$ref"', '"$kept"'));
  const restore = (value: JsonValue): JsonValue => {
    if (Array.isArray(value)) return value.map(restore);
    if (!(value instanceof JsonObject)) return value;
    return new JsonObject(
      value.members.map(([key, member]): JsonMember => [key === '$kept' ? '$ref' : restore(key), restore(member)]),
    );
  };
  return restore(hidden);
}
