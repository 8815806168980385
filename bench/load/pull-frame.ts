import {
  ByteSink,
  encodeHead,
  encodeHeader,
  pullMessage,
  Serializer,
  type PullHeader,
} from '../../libs/protocol/src/index.js';
import { putDigits } from './send-frame.js';

export type PullFrameOptions = Pick<
  PullHeader,
  'consumerGroup' | 'topic' | 'queueId' | 'sysFlag' | 'suspendTimeoutMillis' | 'subVersion'
>;

const anyOpaque = 1_000_000_000;
const offsetKey = '"queueOffset":"';
/** What Java's consumer asks for at once. */
const maxMessages = 32;

/** Pull requests for one queue as a Java consumer sends them; made anew only when the offset gets another digit. */
export class PullFrame {
  #bytes = Buffer.alloc(0);
  #digits = 0;
  #offsetAt = 0;
  #opaqueAt = 0;

  constructor(readonly options: PullFrameOptions) {
    this.#make(15);
  }

  /** Of the longest request. */
  readonly longest = 1024;

  put(out: Buffer, at: number, opaque: number, offset: number): number {
    const digits = digitCount(offset);
    if (digits !== this.#digits) this.#make(digits);
    this.#bytes.copy(out, at);
    putDigits(out, at + this.#opaqueAt, opaque);
    putDigits(out, at + this.#offsetAt, offset, digits);
    return at + this.#bytes.length;
  }

  #make(digits: number): void {
    const sink = new ByteSink();
    const head = { code: pullMessage.code, language: 0, version: 407, opaque: anyOpaque, flag: 0, remark: '' };
    const fields = encodeHeader(pullMessage.header, {
      ...this.options,
      queueOffset: 10 ** (digits - 1),
      maxMsgNums: maxMessages,
      commitOffset: 0,
      subscription: '*',
      expressionType: 'TAG',
    });
    encodeHead(sink, { ...head, serializer: Serializer.JSON }, fields, 0);
    this.#bytes = Buffer.from(sink.written());
    this.#digits = digits;
    this.#offsetAt = this.#bytes.indexOf(offsetKey) + offsetKey.length;
    this.#opaqueAt = this.#bytes.indexOf('"opaque":') + '"opaque":'.length;
  }
}

function digitCount(value: number): number {
  let digits = 1;
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits++;
  return digits;
}
