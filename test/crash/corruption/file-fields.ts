import { basename } from 'node:path';
import {
  MessageSysFlag,
  RecordOffset,
  blankMagic,
  ipv6Extra,
  messageMagicV2,
} from '../../../libs/protocol/src/message/index.js';

/** Bytes of a file that mean one thing. */
export interface FileField {
  readonly kind: FileKind;
  readonly name: string;
  /** In the file. */
  readonly start: number;
  readonly length: number;
  /** Where the record, entry or item begins in the file. */
  readonly unitStart: number;
}

export type FileKind = 'commitlog' | 'consumequeue' | 'consumequeue_ext' | 'index' | 'checkpoint' | 'other';

export function fileKind(path: string): FileKind {
  for (const kind of ['commitlog', 'consumequeue', 'consumequeue_ext', 'index'] as const)
    if (path.includes(`/${kind}/`)) return kind;
  return basename(path) === 'checkpoint' ? 'checkpoint' : 'other';
}

/** What stands in a file, field by field; what nobody wrote is left out. */
export function fieldsOf(path: string, bytes: Buffer, indexSlots: number): FileField[] {
  const kind = fileKind(path);
  const units = { commitlog: logFields, consumequeue: queueFields, index: indexFields, checkpoint: checkpointFields };
  const split = units[kind as keyof typeof units] ?? (() => [[0, [['bytes', bytes.length]]]] as Unit[]);
  return split(bytes, indexSlots).flatMap(([unitStart, fields]) => {
    let start = unitStart;
    return fields.flatMap(([name, length]) => {
      const field = { kind, name, start, length, unitStart };
      start += length;
      return length > 0 ? [field] : [];
    });
  });
}

/** Start and lengths in order. */
type Unit = readonly [number, readonly (readonly [string, number])[]];

function logFields(bytes: Buffer): Unit[] {
  const units: Unit[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const size = bytes.readInt32BE(at);
    const magic = bytes.readInt32BE(at + RecordOffset.MAGIC);
    if (size <= 0) break;
    if (magic === blankMagic) return [...units, [at, [['blank size', 4], ['blank magic', 4]]]]; // prettier-ignore
    units.push([at, recordFields(bytes.subarray(at, at + size), magic === messageMagicV2 ? 2 : 1)]);
    at += size;
  }
  return units;
}

function recordFields(record: Buffer, topicWord: number): [string, number][] {
  const sysFlag = record.readInt32BE(RecordOffset.SYS_FLAG);
  const bornHost = sysFlag & MessageSysFlag.BORN_HOST_V6 ? 8 + ipv6Extra : 8;
  const storeHost = sysFlag & MessageSysFlag.STORE_HOST_V6 ? 8 + ipv6Extra : 8;
  const bodyLengthAt = RecordOffset.BORN_HOST + bornHost + 8 + storeHost + 12;
  const body = record.readInt32BE(bodyLengthAt);
  const topicLengthAt = bodyLengthAt + 4 + body;
  const topic = topicWord === 2 ? record.readInt16BE(topicLengthAt) : record.readInt8(topicLengthAt);
  return [
    ['total size', 4],
    ['magic', 4],
    [body > 0 ? 'body CRC' : 'body CRC without a body', 4],
    ['queue id', 4],
    ['flag', 4],
    ['queue offset', 8],
    ['physical offset', 8],
    ['sysFlag', 4],
    ['born timestamp', 8],
    ['born host', bornHost],
    ['store timestamp', 8],
    ['store host', storeHost],
    ['reconsume times', 4],
    ['prepared transaction offset', 8],
    ['body length', 4],
    ['body', body],
    ['topic length', topicWord],
    ['topic', topic],
    ['properties length', 2],
    ['properties', record.length - topicLengthAt - topicWord - topic - 2],
  ];
}

function queueFields(bytes: Buffer): Unit[] {
  const units: Unit[] = [];
  for (let at = 0; at + 20 <= bytes.length && bytes.readInt32BE(at + 8) !== 0; at += 20)
    units.push([at, [['physical offset', 8], ['size', 4], ['tags code', 8]]]); // prettier-ignore
  return units;
}

function indexFields(bytes: Buffer, slots: number): Unit[] {
  const units: Unit[] = [[0, [['times', 16], ['physical offsets', 16], ['counts', 8], ['slots', slots * 4]]]]; // prettier-ignore
  // The first item's place stays empty.
  for (let at = 40 + slots * 4 + 20; at + 20 <= bytes.length && bytes.readBigInt64BE(at) !== 0n; at += 20)
    units.push([at, [['item hash', 4], ['item physical offset', 8], ['item seconds', 4], ['item previous', 4]]]); // prettier-ignore
  return units;
}

function checkpointFields(): Unit[] {
  return [[0, [['times', 24], ['5.x offsets', 16], ['unused', 216], ['durable position', 60]]]]; // prettier-ignore
}
