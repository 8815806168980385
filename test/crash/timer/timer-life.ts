import { silentLogger } from '../../../libs/common/src/index.js';
import { resolveBrokerConfig, type BrokerConfig } from '../../../libs/broker/src/broker-config.js';
import { scheduled } from '../../../libs/broker/src/delay/scheduling.js';
import { TimedDelivery } from '../../../libs/broker/src/delay/timer/timed-delivery.js';
import { SystemTopic } from '../../../libs/protocol/src/index.js';
import { BrokerStats } from '../../../libs/broker/src/stats/broker-stats.js';
import { createMessageStore, DelayLevels, type MessageStore } from '../../../libs/store/src/index.js';
import {
  crashImage,
  createManualClock,
  createMemoryDisk,
  createRecordingDisk,
  readQueue,
  storeMessage,
  tableDiskOn,
  type CrashPlan,
  type ManualClock,
  type RecordingDisk,
} from '../../../libs/testkit/src/index.js';
import type { Random } from '../images/seeds.js';

const root = '/store';
const topic = 'TopicTest';
const queues = 4;

/** What a sender asks for, and what it was told. */
export interface SentTimer {
  readonly id: string;
  readonly deliverTime: number;
  /** Change of the disk after which it was acknowledged; Infinity: never. Counted from the last crash; 0: before it. */
  ackedAt: number;
  /** Where the log has it while it waits, and where the timer's queue. */
  physicalOffset: number;
  queueOffset: number;
}

/** A copy for readers. */
export interface DeliveredTimer {
  readonly id: string;
  readonly storeTimestamp: number;
}

export interface Crash {
  readonly kind: CrashPlan['kind'];
  /** Simulated instant up to which the disk was changed, not the later one at which the life ended. */
  readonly time: number;
}

/** How far things were at a simulated instant. */
interface Look {
  readonly time: number;
  /** Crashes before it. */
  readonly crashes: number;
  /** Changes of the disk since the last one. */
  readonly moment: number;
  /** What the timer had read of its queue. */
  readonly position: number;
}

/** A store and its timer on a simulated disk and clock, which crash and come back. */
export class TimerLife {
  readonly clock: ManualClock = createManualClock();
  readonly crashes: Crash[] = [];
  private disk: RecordingDisk;
  private readonly config: BrokerConfig;
  private readonly delayLevels: DelayLevels;
  private store: MessageStore | undefined;
  private timed: TimedDelivery | undefined;
  /** Since the last crash: what was there before has survived one. */
  private recent: SentTimer[] = [];
  /** Oldest first. */
  private readonly looks: Look[] = [];

  constructor(
    private readonly random: Random,
    private readonly flushDiskType: 'ASYNC_FLUSH' | 'SYNC_FLUSH',
  ) {
    const memory = createMemoryDisk();
    memory.makeDirectory(root);
    this.disk = this.record(memory);
    this.config = resolveBrokerConfig({
      storePathRootDir: root,
      flushDiskType: this.flushDiskType,
      flushCommitLogThoroughInterval: 2000,
      mappedFileSizeCommitLog: 4 * 1024 * 1024,
      // Not a multiple of 52: blanks at the ends of files, as by default.
      mappedFileSizeTimerLog: 256 * 1024,
      messageIndexEnable: false,
    });
    this.delayLevels = new DelayLevels(this.config.messageDelayLevel);
  }

  async begin(): Promise<void> {
    const { clock, config } = this;
    const disk = this.disk.boot();
    const ports = { clock, log: silentLogger };
    const store = createMessageStore(config, { ...ports, disk });
    await store.start();
    const stats = new BrokerStats(clock, config.brokerClusterName);
    const tableDisk = tableDiskOn(disk as RecordingDisk);
    this.timed = new TimedDelivery({ config, ...ports, store, stats, disk, tableDisk });
    this.store = store;
    await this.timed.start();
  }

  /** The same instant for a cancellation as for its target. */
  send(id: string, deliverTime: number, cancels?: string): SentTimer {
    const { config, clock, random, store, timed } = this;
    if (store === undefined || timed === undefined) throw new Error('not begun');
    const cancel = cancels === undefined ? '' : `TIMER_DEL_UNIQKEY\u0001${topic}+${cancels}\u0002`;
    const properties = `UNIQ_KEY\u0001${id}\u0002TIMER_DELIVER_MS\u0001${deliverTime}\u0002${cancel}`;
    const message = storeMessage({ topic, queueId: random.below(queues), body: Buffer.from(id), properties });
    const { delayLevels } = this;
    const found = scheduled({ config, clock, random: () => random.next(), delayLevels, timed }, message, 0);
    if ('kind' in found) throw new Error(`refused: ${found.remark}`);
    const sent: SentTimer = { id, deliverTime, ackedAt: Infinity, physicalOffset: Infinity, queueOffset: Infinity };
    this.recent.push(sent);
    const { disk } = this;
    const { length: crashesBefore } = this.crashes;
    store.append(found.message, ({ status, physicalOffset, queueOffset }) => {
      // What is answered while it crashes reaches nobody.
      if (status !== 'OK' || this.crashes.length !== crashesBefore) return;
      sent.ackedAt = disk.moment;
      sent.physicalOffset = physicalOffset;
      sent.queueOffset = queueOffset;
    });
    return sent;
  }

  async crash(): Promise<void> {
    const { disk, random, clock } = this;
    const moment = Math.max(0, disk.moment - random.below(40));
    const plan = this.plan(moment);
    this.crashes.push({ kind: plan.kind, time: this.instantAfter(moment) });
    // What was told to senders after that moment never was.
    for (const sent of this.recent) if (sent.ackedAt > moment) sent.ackedAt = Infinity;
    const image = crashImage(disk, plan);
    disk.boot();
    await this.timed?.close().catch(() => undefined);
    clock.advance(random.below(3000));
    this.disk = this.record(image);
    await this.begin();
    // What ASYNC_FLUSH acknowledges a power cut may take; all that the log still has is to be delivered.
    const logEnd = this.store?.figures().commitLogMaxOffset ?? 0;
    const isLost = ({ physicalOffset }: SentTimer): boolean =>
      this.flushDiskType === 'ASYNC_FLUSH' && plan.kind === 'power' && physicalOffset >= logEnd;
    for (const sent of this.recent) sent.ackedAt = sent.ackedAt === Infinity || isLost(sent) ? Infinity : 0;
    this.recent = [];
    this.look();
  }

  /** Lets all that is due happen. */
  async settle(turns: number): Promise<void> {
    for (; turns > 0; turns--) await new Promise<void>((resolve) => setImmediate(resolve));
    this.look();
  }

  /** Whether the timer had read what stands at an offset of its queue by the last look before an instant. */
  hadRead(queueOffset: number, before: number): boolean {
    const seen = this.looks.findLast(({ time }) => time < before);
    return seen !== undefined && seen.position > queueOffset;
  }

  async delivered(): Promise<readonly DeliveredTimer[]> {
    const found: DeliveredTimer[][] = [];
    for (let queueId = 0; queueId < queues; queueId++) {
      const records = await readQueue(this.store as MessageStore, topic, queueId);
      found.push(records.map(({ body, storeTimestamp }) => ({ id: String(body), storeTimestamp })));
    }
    return found.flat();
  }

  get waiting(): number {
    const { waiting = 0, offsetBehind = 0 } = this.timed?.figures() ?? {};
    return waiting + offsetBehind;
  }

  async end(): Promise<void> {
    await this.timed?.close();
    await this.store?.close();
    await this.timed?.saveLast();
  }

  private look(): void {
    const max = this.store?.maxOffset(SystemTopic.TIMER, 0) ?? 0;
    this.looks.push({
      time: this.clock.now(),
      crashes: this.crashes.length,
      moment: this.disk.moment,
      position: max - (this.timed?.figures().offsetBehind ?? 0),
    });
  }

  /** Of the change after a moment of this life: a kill leaves the beginning of it. */
  private instantAfter(moment: number): number {
    const { length } = this.crashes;
    return this.looks.find((look) => look.crashes === length && look.moment > moment)?.time ?? this.clock.now();
  }

  private plan(moment: number): CrashPlan {
    const { random } = this;
    if (random.chance(0.5)) return { kind: 'kill', moment, tornTo: random.below(random.pick([2, 100, 4096])) };
    const names = random.chance(0.7) ? 'ordered' : 'loose';
    return { kind: 'power', moment, names, sector: random.pick([512, 4096]), seed: random.below(2 ** 31) };
  }

  private record(memory: ReturnType<typeof createMemoryDisk>): RecordingDisk {
    return createRecordingDisk(memory, () => 1 + this.random.below(2));
  }
}
