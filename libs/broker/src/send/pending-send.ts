import type { AsciiText } from '../../../protocol/src/index.js';
import type { AppendResult } from '../../../store/src/index.js';
import type { SendExchange } from './send-handler.js';

const longestKey = 64;
const quote = 0x22;
const backslash = 0x5c;

/** The unique key of a message that waits: it goes back to its sender as transaction id, as in 5.x. */
class UniqueKey implements AsciiText {
  length = 0;
  private readonly bytes = new Uint8Array(longestKey);

  /** False when it is too long, or not to be written into a header as it is. */
  take(from: Uint8Array, start: number, end: number): boolean {
    if (end - start > longestKey) return false;
    const { bytes } = this;
    for (let i = start; i < end; i++) {
      const byte = from[i] as number;
      if (byte < 0x20 || byte >= 0x7f || byte === quote || byte === backslash) return false;
      bytes[i - start] = byte;
    }
    this.length = end - start;
    return true;
  }

  writeTo(target: Uint8Array, at: number): void {
    const { bytes, length } = this;
    for (let i = 0; i < length; i++) target[at + i] = bytes[i] as number;
  }

  toString(): string {
    return Buffer.from(this.bytes.buffer, 0, this.length).toString('latin1');
  }
}

/** A send between its append and its answer: what is to be known of a request whose bytes are gone. Used again and again. */
export class PendingSend {
  exchange: SendExchange | undefined;
  topic = '';
  queueId = 0;
  /** Stored in the half topic: `topic` is the one that it is for. */
  isHalf = false;
  /** Of a single message. */
  transactionId: AsciiText | string | undefined;
  /** Of a message that waits for its instant. */
  recallHandle: string | undefined;
  /** What the store calls. */
  readonly done: (result: AppendResult) => void;
  private readonly uniqueKey = new UniqueKey();

  constructor(settle: (send: PendingSend, result: AppendResult) => void) {
    this.done = (result) => settle(this, result);
  }

  get isBatch(): boolean {
    return this.transactionId === undefined;
  }

  setTransactionId(bytes: Buffer, start: number, end: number): void {
    const isPlain = this.uniqueKey.take(bytes, start, end);
    this.transactionId = isPlain ? this.uniqueKey : bytes.toString('utf8', start, end);
  }
}
