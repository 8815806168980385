/*
 * HOT PATH. The messages of a batch on their way into the log: where each lies in the frame, and its properties as they
 * are stored, in memory that the next batch's go into. Copies the properties; allocates nothing a message. Benchmark: batch.
 */
import { isUtf8 } from 'node:buffer';
import { BatchReader, ByteRange, Utf8Text } from '../../../protocol/src/index.js';
import type { AppendBatch, AppendMessage, HostAddress } from '../../../store/src/index.js';
import type { RefusedProperty, SentProperties } from './sent-properties.js';

/** What all messages of a batch share. */
export type BatchHead = Omit<AppendMessage, 'body' | 'flag' | 'properties' | 'tagsCode' | 'waitForFlush'>;

export type BatchRefusal = RefusedProperty | 'no body' | 'delayed' | 'transaction';

const noBytes = Buffer.alloc(0);
const noHost: HostAddress = { ip: '', port: 0 };

/** One message after the other. Of one class for good: objects made by spreading have no place that V8 could learn. */
class BatchMessage implements AppendMessage {
  topic = '';
  queueId = 0;
  flag = 0;
  sysFlag = 0;
  bornTimestamp = 0;
  bornHost = noHost;
  storeHost = noHost;
  reconsumeTimes = 0;
  preparedTransactionOffset = 0;
  readonly body = new ByteRange(noBytes);
  readonly properties = new Utf8Text(noBytes);
  tagsCode = 0;
  waitForFlush = true;
}

/** Of one batch at a time; used again and again. */
export class ReceivedBatch implements AppendBatch {
  count = 0;
  // The lists keep their memory from batch to batch.
  private readonly flags: number[] = [];
  private readonly bodyStarts: number[] = [];
  private readonly bodyEnds: number[] = [];
  private readonly propertiesStarts: number[] = [];
  private readonly propertiesEnds: number[] = [];
  private readonly tagsCodes: number[] = [];
  private readonly waits: boolean[] = [];
  private readonly message = new BatchMessage();

  constructor(private readonly sent: SentProperties) {}

  /** @throws RocketMQError PROTOCOL_VIOLATION when lengths do not add up */
  read(range: ByteRange, head: BatchHead): BatchRefusal | undefined {
    const { sent, message } = this;
    this.readPlaces(range);
    for (let i = 0, at = 0; i < this.count; i++, at = sent.stored.end) {
      if (this.bodyStarts[i] === this.bodyEnds[i]) return 'no body';
      const refused = this.readProperties(range.bytes, i, at);
      if (refused !== undefined) return refused;
      if (sent.delayLevel > 0 || sent.isTimed) return 'delayed';
      if (sent.isTransaction) return 'transaction';
      this.propertiesStarts[i] = sent.stored.start;
      this.propertiesEnds[i] = sent.stored.end;
      this.tagsCodes[i] = sent.tagsCode;
      this.waits[i] = sent.waitForFlush;
    }
    Object.assign(message, head);
    message.body.bytes = range.bytes;
    message.properties.bytes = sent.stored.bytes;
    return undefined;
  }

  at(place: number): AppendMessage {
    const { message } = this;
    const { body, properties } = message;
    body.start = this.bodyStarts[place] as number;
    body.end = this.bodyEnds[place] as number;
    properties.start = this.propertiesStarts[place] as number;
    properties.end = this.propertiesEnds[place] as number;
    message.flag = this.flags[place] as number;
    message.tagsCode = this.tagsCodes[place] as number;
    message.waitForFlush = this.waits[place] as boolean;
    return message;
  }

  private readPlaces(range: ByteRange): void {
    const reader = new BatchReader(range);
    let length = 0;
    for (let i = 0; reader.next(); i++) {
      this.flags[i] = reader.flag;
      this.bodyStarts[i] = reader.bodyStart;
      this.bodyEnds[i] = reader.bodyEnd;
      this.propertiesStarts[i] = reader.propertiesStart;
      this.propertiesEnds[i] = reader.propertiesEnd;
      length += reader.propertiesEnd - reader.propertiesStart;
    }
    this.count = reader.count;
    // What is no UTF-8 grows when it is replaced: a byte becomes three.
    this.sent.reserveBatch(this.count, length * 3);
  }

  private readProperties(bytes: Buffer, place: number, at: number): RefusedProperty | undefined {
    const { sent } = this;
    const { properties } = this.message;
    properties.bytes = bytes;
    const start = (properties.start = this.propertiesStarts[place] as number);
    const end = (properties.end = this.propertiesEnds[place] as number);
    const refused = sent.read(properties, at);
    if (sent.wasAscii || isUtf8(properties.view())) return refused;
    return sent.read(Utf8Text.of(bytes, start, end), at);
  }
}
