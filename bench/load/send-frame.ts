import {
  ByteSink,
  encodeBatchBody,
  encodeHead,
  encodeHeader,
  sendBatchMessage,
  sendMessageV2,
  Serializer,
} from '../../libs/protocol/src/index.js';

export interface SendFrameOptions {
  readonly topic: string;
  readonly queueId: number;
  readonly bodySize: number;
  readonly serializer: 'JSON' | 'ROCKETMQ';
  /** Messages of a batch; 1 is a send of its own. */
  readonly batch?: number;
}

/** A frame with places for what differs from message to message; each always has the same width. */
export interface PreparedFrame {
  readonly bytes: Buffer;
  /** Where its id lies: ten digits, or four bytes. */
  readonly opaqueAt: number;
  readonly opaqueLength: number;
  /** Makes a copy at `at` one message of its own (the messages of a batch share their ids) and gives its end. */
  put(out: Buffer, at: number, opaque: number): number;
}

const digits = 10;
const bornTimestamp = '1700000000000';
const uniqueId = '7F0000010A2B18B4AAC2160000000000';
const anyOpaque = 1_000_000_000;

/** What a Java producer sends for one message or batch: the properties are those that its client always sets. */
export function prepareSendFrame(options: SendFrameOptions): PreparedFrame {
  const sink = new ByteSink();
  const json = options.serializer === 'JSON';
  const count = options.batch ?? 1;
  const message = Buffer.alloc(options.bodySize, 'x');
  const properties = `UNIQ_KEY\u0001${uniqueId}\u0002WAIT\u0001true\u0002TAGS\u0001TagA\u0002`;
  const declaration = count > 1 ? sendBatchMessage : sendMessageV2;
  const body =
    count > 1
      ? encodeBatchBody(Array.from({ length: count }, () => ({ flag: 0, body: message, properties })))
      : message;
  const head = {
    code: declaration.code,
    language: 0,
    version: 407,
    opaque: anyOpaque,
    flag: 0,
    remark: '',
    serializer: Serializer[options.serializer],
  };
  const fields = encodeHeader(declaration.header, {
    producerGroup: 'bench_producer',
    topic: options.topic,
    defaultTopic: 'TBW102',
    defaultTopicQueueNums: 4,
    queueId: options.queueId,
    sysFlag: 0,
    bornTimestamp: Number(bornTimestamp),
    flag: 0,
    properties,
    reconsumeTimes: 0,
    unitMode: false,
    batch: count > 1,
  });
  encodeHead(sink, head, fields, body.length);
  sink.buffer(body);
  const bytes = Buffer.from(sink.written());
  const opaqueAt = json ? bytes.indexOf('"opaque":') + 9 : 8 + 5;
  const bornAt = bytes.indexOf(bornTimestamp) + bornTimestamp.length - digits;
  const uniqueAt = bytes.indexOf(uniqueId) + uniqueId.length - digits;
  const put = (out: Buffer, at: number, opaque: number): number => {
    bytes.copy(out, at);
    if (json) putDigits(out, at + opaqueAt, opaque);
    else out.writeInt32BE(opaque, at + opaqueAt);
    putDigits(out, at + bornAt, opaque);
    putDigits(out, at + uniqueAt, opaque);
    return at + bytes.length;
  };
  return { bytes, opaqueAt, opaqueLength: json ? digits : 4, put };
}

/** The digits of `value`, which has no more than `count`. */
export function putDigits(out: Buffer, at: number, value: number, count = digits): void {
  let rest = value;
  for (let digit = at + count - 1; digit >= at; digit--) {
    const next = Math.floor(rest / 10);
    out[digit] = 48 + rest - next * 10;
    rest = next;
  }
}
