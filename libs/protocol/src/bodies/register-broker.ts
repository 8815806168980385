import { deflateSync, inflateSync } from 'node:zlib';
import { RocketMQError } from '../../../common/src/index.js';
import {
  jsonBean,
  jsonBool,
  jsonInt,
  jsonList,
  jsonLong,
  jsonMap,
  jsonText,
  optional,
  or,
  readJson,
  writeJson,
  type Shape,
  type ShapeType,
} from '../fastjson/index.js';
import { decodeAs, type BodyCodec } from './body-codec.js';
import { jsonBody } from './json-body.js';
import {
  dataVersionShape,
  topicConfigShape,
  topicFilterTypes,
  type DataVersion,
  type TopicConfig,
} from './topic-config.js';

/** Where a static (logical) topic's queues are: 5.x brokers send it, and routes carry it on. */
export const topicQueueMappingInfoShape = jsonBean({
  bname: optional(jsonText),
  currIdMap: jsonMap(jsonInt, jsonInt),
  dirty: jsonBool,
  epoch: jsonLong,
  scope: optional(jsonText),
  topic: jsonText,
  totalQueues: jsonInt,
});

export type TopicQueueMappingInfo = ShapeType<typeof topicQueueMappingInfoShape>;

const noVersion = (): DataVersion => ({ counter: 0, timestamp: 0 });

const topicTableShape = jsonBean({
  dataVersion: or(dataVersionShape, noVersion),
  mappingDataVersion: optional(dataVersionShape),
  topicConfigTable: jsonMap(jsonText, topicConfigShape),
  topicQueueMappingInfoMap: optional(jsonMap(jsonText, topicQueueMappingInfoShape)),
});

export const registerBrokerShape = jsonBean({
  filterServerList: jsonList(jsonText),
  topicConfigSerializeWrapper: or(topicTableShape, () => ({ dataVersion: noVersion(), topicConfigTable: new Map() })),
});

export type RegisterBroker = ShapeType<typeof registerBrokerShape>;

/** Inflated size of a compressed body: a table of 100,000 topics is below 8 MiB. */
const maxInflatedLength = 64 * 1024 * 1024;
/** First byte of a zlib stream with the usual window; no JSON text begins with it. */
const zlibMark = 0x78;

const plainBody = jsonBody('RegisterBrokerBody', registerBrokerShape);

/**
 * Body of REGISTER_BROKER, plain or compressed. Which of the two is told by its first byte: 5.x brokers say
 * `compressed=false` in the header whatever they send. Always written plain, since the compressed form loses the flags
 * of topics and differs between 4.9 and 5.x.
 */
export const registerBrokerBody: BodyCodec<RegisterBroker> = {
  ...plainBody,
  decode: (bytes) =>
    bytes[0] === zlibMark ? decodeAs(plainBody.label, () => decodeCompressed(bytes)) : plainBody.decode(bytes),
};

/*
 * Compressed form, one zlib stream: [data version JSON] int32 count, count x [topic words], [filter server list JSON],
 * and from 5.0 on int32 count, count x [mapping JSON]; each [text] with an int32 length before it.
 * Topic words: name, read queues, write queues, permission, filter type and (5.x) attributes as JSON, blanks between.
 */
function decodeCompressed(bytes: Buffer): RegisterBroker {
  const parts = new PartReader(inflateSync(bytes, { maxOutputLength: maxInflatedLength }));
  const dataVersion = dataVersionShape.read(readJson(parts.text()), 'dataVersion');
  const topicConfigTable = new Map<string, TopicConfig>();
  for (let left = parts.count(); left > 0; left--) {
    const topic = readTopicWords(parts.text());
    topicConfigTable.set(topic.topicName, topic);
  }
  const filterServerList = readOr(jsonList(jsonText), parts.text());
  if (parts.atEnd) return { filterServerList, topicConfigSerializeWrapper: { dataVersion, topicConfigTable } };
  const mappings = new Map<string, TopicQueueMappingInfo>();
  for (let left = parts.count(); left > 0; left--) {
    const mapping = topicQueueMappingInfoShape.read(readJson(parts.text()), 'topicQueueMappingInfo');
    mappings.set(mapping.topic, mapping);
  }
  const table = { dataVersion, topicConfigTable, topicQueueMappingInfoMap: mappings };
  return { filterServerList, topicConfigSerializeWrapper: table };
}

function readOr<T>(shape: Shape<T>, text: string): T {
  const json = readJson(text);
  return json === null ? shape.absent('$') : shape.read(json, '$');
}

function readTopicWords(text: string): TopicConfig {
  const [topicName = '', read = '', write = '', perm = '', filterType = ''] = text.split(' ', 5);
  const attributes = text.split(' ').slice(5).join(' ');
  return {
    topicName,
    readQueueNums: jsonInt.read(read, 'readQueueNums'),
    writeQueueNums: jsonInt.read(write, 'writeQueueNums'),
    perm: jsonInt.read(perm, 'perm'),
    topicFilterType: topicFilterTypes.find((name) => name === filterType) ?? 'SINGLE_TAG',
    topicSysFlag: 0,
    order: false,
    ...(attributes === '' ? {} : { attributes: readOr(jsonMap(jsonText, jsonText), attributes) }),
  };
}

class PartReader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  get atEnd(): boolean {
    return this.at === this.bytes.length;
  }

  /** A number of things that follow: each takes four bytes at least. */
  count(): number {
    const count = this.int();
    if (count < 0 || count > (this.bytes.length - this.at) / 4) throw cut(`count ${count}`);
    return count;
  }

  text(): string {
    const length = this.int();
    if (length < 0 || length > this.bytes.length - this.at) throw cut(`length ${length}`);
    this.at += length;
    return this.bytes.toString('utf8', this.at - length, this.at);
  }

  private int(): number {
    if (this.at + 4 > this.bytes.length) throw cut('length');
    this.at += 4;
    return this.bytes.readInt32BE(this.at - 4);
  }
}

function cut(what: string): RocketMQError {
  return new RocketMQError('PROTOCOL_VIOLATION', `${what} goes beyond the body`);
}

/** The compressed form as 4.9 writes it, for tests and tools. */
export function compressRegisterBroker(body: RegisterBroker): Buffer {
  const { dataVersion, topicConfigTable } = body.topicConfigSerializeWrapper;
  const parts: Buffer[] = [];
  const int = (value: number): void => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    parts.push(bytes);
  };
  const text = (value: string): void => {
    const bytes = Buffer.from(value, 'utf8');
    int(bytes.length);
    parts.push(bytes);
  };
  text(writeJson(dataVersionShape.write(dataVersion) ?? null));
  int(topicConfigTable.size);
  for (const topic of topicConfigTable.values()) {
    text([topic.topicName, topic.readQueueNums, topic.writeQueueNums, topic.perm, topic.topicFilterType].join(' '));
  }
  text(writeJson(jsonList(jsonText).write(body.filterServerList) ?? null));
  return deflateSync(Buffer.concat(parts), { level: 9 });
}
