import { javaStringHash } from '../../../libs/common/src/index.js';
import { MessageSysFlag, encodeProperties } from '../../../libs/protocol/src/message/index.js';
import type { AppendResult, MessageStore } from '../../../libs/store/src/index.js';
import { batchOf, storeMessage, type TextMessage, type RecordingDisk } from '../../../libs/testkit/src/index.js';
import type { Random } from './seeds.js';

/** A message and what became of it. Moments are those of the recording disk. */
export interface SentMessage {
  readonly id: string;
  readonly message: TextMessage;
  /** False for one that only the log knows: prepared, not committed. */
  readonly isQueued: boolean;
  sentAt: number;
  /** Infinity while nothing was promised. From then on it must be there. */
  ackedAt: number;
  /** Promised even against a power cut. */
  isSynced: boolean;
  /** Refused, or gone after a crash: from this moment on it must never be seen. */
  goneAt: number;
  queueOffset: number;
  physicalOffset: number;
}

export const topics = ['TopicA', 'TopicB', '%RETRY%group', `Long-${'topic'.repeat(40)}`];
const queueCount = 3;

export interface QueuePlace {
  readonly topic: string;
  readonly queueId: number;
}

export const queuePlaces: readonly QueuePlace[] = topics.flatMap((topic) =>
  Array.from({ length: queueCount }, (_, queueId) => ({ topic, queueId })),
);

const hosts = [
  { ip: '10.0.0.7', port: 4321 },
  { ip: '2001:db8::17', port: 65535 },
];

/** Sends and keeps account of it. */
export class Sender {
  readonly sent = new Map<string, SentMessage>();
  private store: MessageStore | undefined;

  constructor(
    private readonly random: Random,
    private readonly isSyncFlush: boolean,
    private readonly largestBody: number,
    private readonly onRefusal: (result: AppendResult) => void = () => undefined,
  ) {}

  /** From now on messages go to this store; answers of the one before count no more. */
  use(store: MessageStore): void {
    this.store = store;
  }

  send(disk: RecordingDisk): void {
    const { random } = this;
    const place = random.pick(queuePlaces);
    if (random.chance(0.08)) return this.sendBatch(disk, place);
    const isPrepared = random.chance(0.05);
    const each = this.next(disk, {
      ...place,
      sysFlag: isPrepared ? MessageSysFlag.TRANSACTION_PREPARED : 0,
      waitForFlush: !random.chance(0.15),
    });
    this.answered(disk, [each], (done) => this.store?.append(each.message, done));
  }

  private sendBatch(disk: RecordingDisk, place: QueuePlace): void {
    const waitForFlush = !this.random.chance(0.15);
    const batch = Array.from({ length: 1 + this.random.below(5) }, () => this.next(disk, { ...place, waitForFlush }));
    const messages = batchOf(batch.map(({ message }) => message));
    this.answered(disk, batch, (done) => this.store?.appendBatch(messages, done));
  }

  private answered(
    disk: RecordingDisk,
    batch: readonly SentMessage[],
    append: (done: (result: AppendResult) => void) => void,
  ): void {
    const { store } = this;
    append((result) => {
      if (store !== this.store) return;
      for (const [i, each] of batch.entries()) this.take(each, result, i, disk.moment);
    });
  }

  private take(each: SentMessage, result: AppendResult, place: number, moment: number): void {
    const { status } = result;
    if (status === 'MESSAGE_ILLEGAL' || status === 'SERVICE_NOT_AVAILABLE') each.goneAt = each.sentAt;
    if (status !== 'OK') return this.onRefusal(result);
    each.ackedAt = moment;
    each.isSynced = this.isSyncFlush && each.message.waitForFlush;
    each.physicalOffset = result.physicalOffsets[place] as number;
    each.queueOffset = result.queueOffset + place;
  }

  private next(disk: RecordingDisk, changes: Partial<TextMessage>): SentMessage {
    const { random } = this;
    const id = `${this.sent.size}`;
    const tag = random.chance(0.5) ? `tag${random.below(3)}` : undefined;
    const keys = random.chance(0.5) ? `key${random.below(5)} other${random.below(50)}` : undefined;
    const isTooLarge = random.chance(0.01);
    const length = isTooLarge ? this.largestBody * 8 : random.below(random.chance(0.2) ? this.largestBody : 200);
    const message = storeMessage({
      bornHost: random.pick(hosts),
      storeHost: random.pick(hosts),
      bornTimestamp: 1_700_000_000_000 + this.sent.size,
      body: Buffer.from(length < 8 ? '' : `${id} `.repeat(Math.ceil(length / (id.length + 1)))),
      properties: encodeProperties([
        ['KEYS', keys],
        ['UNIQ_KEY', id],
        ['TAGS', tag],
      ]),
      tagsCode: tag === undefined ? 0 : javaStringHash(tag),
      ...changes,
    });
    const sent: SentMessage = {
      id,
      message,
      isQueued: message.sysFlag === 0,
      sentAt: disk.moment,
      ackedAt: Infinity,
      isSynced: false,
      goneAt: Infinity,
      queueOffset: -1,
      physicalOffset: -1,
    };
    this.sent.set(id, sent);
    return sent;
  }
}
