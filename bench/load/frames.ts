import { ByteSink, encodeHead, encodeHeader, Serializer, sendMessageV2 } from '../../libs/protocol/src/index.js';

/** A frame with places for what differs from message to message; each always has the same width. */
export interface PreparedFrame {
  readonly bytes: Buffer;
  readonly opaqueAt: number;
  /** Last ten digits of the time of birth, and of the unique id. */
  readonly bornAt: number;
  readonly uniqueAt: number;
}

/** Opaque ids of ten digits, so that JSON frames can be patched in place. */
export const firstOpaque = 1_000_000_000;

export interface SendFrameOptions {
  readonly topic: string;
  readonly queueId: number;
  readonly bodySize: number;
  readonly serializer: 'JSON' | 'ROCKETMQ';
}

/** What a Java producer sends for one message: send V2, with the properties its client always sets. */
export function prepareSendFrame(options: SendFrameOptions): PreparedFrame {
  const sink = new ByteSink();
  const body = Buffer.alloc(options.bodySize, 'x');
  const head = {
    code: sendMessageV2.code,
    language: 0,
    version: 407,
    opaque: firstOpaque,
    flag: 0,
    remark: '',
    serializer: Serializer[options.serializer],
  };
  const fields = encodeHeader(sendMessageV2.header, {
    producerGroup: 'bench_producer',
    topic: options.topic,
    defaultTopic: 'TBW102',
    defaultTopicQueueNums: 4,
    queueId: options.queueId,
    sysFlag: 0,
    bornTimestamp: Number(bornTimestamp),
    flag: 0,
    properties: `UNIQ_KEY\u0001${uniqueId}\u0002WAIT\u0001true\u0002TAGS\u0001TagA\u0002`,
    reconsumeTimes: 0,
    unitMode: false,
    batch: false,
  });
  encodeHead(sink, head, fields, body.length);
  sink.buffer(body);
  const bytes = Buffer.from(sink.written());
  const opaqueAt = options.serializer === 'JSON' ? bytes.indexOf('"opaque":') + 9 : 8 + 5;
  const bornAt = bytes.indexOf(bornTimestamp) + bornTimestamp.length - digits;
  return { bytes, opaqueAt, bornAt, uniqueAt: bytes.indexOf(uniqueId) + uniqueId.length - digits };
}

const digits = 10;
const bornTimestamp = '1700000000000';
const uniqueId = '7F0000010A2B18B4AAC2160000000000';

/** Makes the copy of a frame at `at` in `target` one message of its own. */
export function patchMessage(target: Buffer, at: number, frame: PreparedFrame, opaque: number, json: boolean): void {
  if (json) patchDigits(target, at + frame.opaqueAt, opaque);
  else target.writeInt32BE(opaque, at + frame.opaqueAt);
  patchDigits(target, at + frame.bornAt, opaque);
  patchDigits(target, at + frame.uniqueAt, opaque);
}

function patchDigits(target: Buffer, at: number, value: number): void {
  let rest = value;
  for (let digit = at + digits - 1; digit >= at; digit--) {
    target[digit] = 48 + (rest % 10);
    rest = (rest / 10) | 0;
  }
}

const opaqueKey = Buffer.from('"opaque":');
const successStart = Buffer.from('{"code":0,');

/**
 * The opaque id of a successful reply that lies at [at, end) of `bytes`, the length word skipped.
 *
 * @throws Error with the reply's text when its code is not 0: a benchmark counts nothing that failed.
 */
export function readReply(bytes: Buffer, at: number, end: number): number {
  const headerLength = bytes.readUIntBE(at + 1, 3);
  const headerAt = at + 4;
  if (bytes[at] === Serializer.JSON) {
    if (successStart.compare(bytes, headerAt, headerAt + successStart.length) !== 0) throw refused(bytes, at, end);
    let digit = bytes.indexOf(opaqueKey, headerAt) + opaqueKey.length;
    let opaque = 0;
    for (let c = bytes[digit] as number; c >= 48 && c <= 57; c = bytes[++digit] as number)
      opaque = opaque * 10 + c - 48;
    return opaque;
  }
  if (bytes.readInt16BE(headerAt) !== 0 || headerLength < 21) throw refused(bytes, at, end);
  return bytes.readInt32BE(headerAt + 5);
}

function refused(bytes: Buffer, at: number, end: number): Error {
  return new Error(`the broker refused a send: ${bytes.toString('latin1', at + 4, Math.min(end, at + 404))}`);
}
