import { silentLogger, type Clock } from '../../../libs/common/src/index.js';
import {
  createMessageStore,
  type Disk,
  type MessageStore,
  type StoreConfig,
  type StoreFigures,
} from '../../../libs/store/src/index.js';
import {
  crashImage,
  createFaultyDisk,
  createManualClock,
  createMemoryDisk,
  createRecordingDisk,
  smallStoreConfig,
  type CrashPlan,
  type ManualClock,
  type MemoryDisk,
  type RecordingDisk,
} from '../../../libs/testkit/src/index.js';
import { findMessages, isInLog, type FoundMessage } from './found-messages.js';
import { isDeleted, isPromised } from './promises.js';
import { Sender, topics, type SentMessage } from './sent-messages.js';
import { randomOf, type Random } from './seeds.js';

/** What the store said of itself at a moment. */
export interface Claim {
  readonly moment: number;
  readonly flushedOffset: number;
  readonly logMinOffset: number;
}

/** Of a topic: whatever was sent to it before. */
export interface Deletion {
  readonly topic: string;
  readonly moment: number;
  readonly sentBefore: number;
}

/** A store's life on a recording disk, and all that happened in it. */
export interface StoreLife {
  readonly disk: RecordingDisk;
  readonly config: StoreConfig;
  readonly sent: ReadonlyMap<string, SentMessage>;
  readonly deletions: readonly Deletion[];
  readonly claims: readonly Claim[];
  /** The wall clock at the end. */
  readonly now: number;
  /** Moments of starts: recovery is under way shortly before. */
  readonly starts: readonly number[];
}

const root = '/store';

export const settle = async (turns: number): Promise<void> => {
  for (; turns > 0; turns--) await new Promise<void>((resolve) => setImmediate(resolve));
};

/** Same seed, same life, to the last byte on the disk. */
export async function storeLife(seed: number, isLyingDisk = false): Promise<StoreLife> {
  const random = randomOf(seed, 1);
  const life = new Life(random, lifeConfig(random), isLyingDisk);
  await life.begin();
  const rounds = 10 + random.below(30);
  for (let round = 0; round < rounds; round++) await life.round();
  await life.end();
  return life;
}

function lifeConfig(random: Random): StoreConfig {
  return smallStoreConfig(root, {
    flushDiskType: random.pick(['ASYNC_FLUSH', 'SYNC_FLUSH']),
    flushCommitLogDirect: random.chance(0.6),
    mappedFileSizeCommitLog: random.pick([4096, 8192, 16_384, 65_536]),
    mappedFileSizeConsumeQueue: random.pick([60, 200, 1000]),
    hotTailBytes: random.pick([4096, 1024 * 1024]),
    maxOpenFiles: random.pick([16, 64]),
    flushCommitLogLeastPages: random.pick([0, 4]),
    maxHashSlotNum: random.pick([10, 50]),
    maxIndexNum: random.pick([20, 100]),
    enableConsumeQueueExt: random.chance(0.2),
    mappedFileSizeConsumeQueueExt: 1024,
    enabledAppendPropCRC: random.chance(0.2),
    cleanResourceInterval: 1000,
    deleteCommitLogFilesInterval: 0,
    deleteConsumeQueueFilesInterval: 0,
    fileReservedTime: 1,
    deleteWhen: Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0')).join(';'),
  });
}

export function openStore(disk: Disk, config: StoreConfig, clock: Clock, log = silentLogger): MessageStore {
  return createMessageStore(config, { clock, log, disk });
}

/** What a store with an index of keys offers beyond the rest. */
interface KeyIndex {
  query?(query: KeyQuery): Promise<{ readonly records: readonly Buffer[] }>;
}

interface KeyQuery {
  readonly topic: string;
  readonly key: string;
  readonly maxMessages: number;
  readonly begin: number;
  readonly end: number;
}

/** Records that a query by key finds, when all that is stored is indexed; undefined without an index. */
export async function queryKey(
  store: MessageStore & KeyIndex,
  topic: string,
  key: string,
): Promise<readonly Buffer[] | undefined> {
  if (!store.query) return undefined;
  const query = { topic, key, maxMessages: 64, begin: 0, end: Number.MAX_SAFE_INTEGER };
  await store.query(query); // waits until its files are loaded
  for (let turns = 0; turns < 1000 && isIndexing(store.figures()); turns++) await settle(1);
  return (await store.query(query)).records;
}

function isIndexing(figures: StoreFigures & { readonly indexBehindBytes?: number }): boolean {
  return (figures.indexBehindBytes ?? 0) > 0;
}

class Life implements StoreLife {
  disk: RecordingDisk;
  claims: Claim[] = [];
  deletions: Deletion[] = [];
  starts: number[] = [];
  private readonly clock: ManualClock = createManualClock();
  private readonly sender: Sender;
  private store: MessageStore | undefined;

  constructor(
    private readonly random: Random,
    readonly config: StoreConfig,
    private readonly isLyingDisk: boolean,
  ) {
    const memory = createMemoryDisk();
    memory.makeDirectory(root);
    this.disk = this.record(memory);
    const isSyncFlush = config.flushDiskType === 'SYNC_FLUSH';
    this.sender = new Sender(random, isSyncFlush, config.mappedFileSizeCommitLog / 3);
  }

  get sent(): ReadonlyMap<string, SentMessage> {
    return this.sender.sent;
  }

  get now(): number {
    return this.clock.now();
  }

  /** Starts the store on the disk as it is. What it serves then it has to keep, and nothing promised may be missing. */
  async begin(crash?: CrashPlan): Promise<void> {
    const before = { claims: this.claims, deletions: this.deletions };
    const plan: CrashPlan = crash ?? { kind: 'kill', moment: this.disk.moment, tornTo: 0 };
    if (crash) this.recordAnew(crashImage(this.disk, crash));
    const store = openStore(this.boot(), this.config, this.clock);
    this.store = store;
    this.sender.use(store);
    await store.start();
    this.starts.push(this.disk.moment);
    // Retention may have been at work since it was asked last.
    const { commitLogMinOffset: logMinOffset } = store.figures();
    const { found, faults } = await findMessages(store);
    const byId = new Map(found.map((each) => [each.id, each]));
    for (const each of this.sent.values()) {
      const isThere = byId.has(each.id) || (!each.isQueued && (await isInLog(store, each)));
      const isExpired = each.physicalOffset < logMinOffset;
      if (!isThere && !isExpired && isPromised(before, each, plan)) faults.push(`message ${each.id} is gone`);
      this.settleAccount(each, isThere, byId.get(each.id), crash !== undefined);
    }
    if (faults.length > 0)
      throw new Error(`after a start in the middle, ${JSON.stringify(plan)}: ${faults.join('; ')}`);
    this.claim();
  }

  async round(): Promise<void> {
    const { random, clock, disk } = this;
    for (let count = random.below(8); count > 0; count--) this.sender.send(disk);
    await settle(random.below(4));
    this.claim();
    if (random.chance(0.3)) clock.advance(random.pick([500, 1000, 1000, 6000, 61_000]));
    if (random.chance(0.08)) clock.jump(2 * 3600 * 1000);
    await settle(random.below(6));
    this.claim();
    if (random.chance(0.03)) await this.deleteTopic(random.pick(topics));
    const end = random.next();
    if (end < 0.04) await this.restart();
    else if (end < 0.08) await this.begin();
    else if (end < 0.11) await this.begin(drawPlan(random, disk.moment));
  }

  async end(): Promise<void> {
    if (this.random.chance(0.5)) await this.store?.close();
    await settle(3);
    this.claim();
    this.disk.boot(); // what still goes on in the background belongs to no image
  }

  private async deleteTopic(topic: string): Promise<void> {
    this.deletions.push({ topic, moment: this.disk.moment, sentBefore: this.sent.size });
    const deleted = this.store?.deleteTopic(topic);
    if (this.random.chance(0.5)) this.sender.send(this.disk);
    await deleted;
  }

  private async restart(): Promise<void> {
    await this.store?.close();
    await this.begin();
  }

  /** The machine stops and comes back: the record begins anew with what the crash left. */
  private recordAnew(memory: MemoryDisk): void {
    this.disk.boot();
    this.disk = this.record(memory);
    this.claims = [];
    this.starts = [];
    this.deletions = this.deletions.map((each) => ({ ...each, moment: 0 }));
  }

  private record(memory: MemoryDisk): RecordingDisk {
    return createRecordingDisk(memory, () => 1 + this.random.below(3));
  }

  private boot(): Disk {
    const disk = this.disk.boot();
    return this.isLyingDisk ? Object.assign(createFaultyDisk(disk), { losesSyncs: true }) : disk;
  }

  private settleAccount(
    each: SentMessage,
    isThere: boolean,
    found: FoundMessage | undefined,
    isNewRecord: boolean,
  ): void {
    const { moment } = this.disk;
    const wasAcked = each.ackedAt !== Infinity;
    if (isThere) {
      if (isNewRecord) {
        each.ackedAt = wasAcked ? 0 : moment;
        each.isSynced = true;
      }
      each.ackedAt = Math.min(each.ackedAt, moment);
      each.queueOffset = found?.queueOffset ?? each.queueOffset;
      each.physicalOffset = found?.record.physicalOffset ?? each.physicalOffset;
    } else if (each.goneAt !== Infinity || !each.isQueued || isDeleted(this, each, moment)) {
      if (isNewRecord) each.ackedAt = Infinity;
    } else if (isNewRecord || !wasAcked) {
      each.ackedAt = Infinity;
      each.goneAt = moment;
    }
    if (!isNewRecord) return;
    each.sentAt = 0;
    if (each.goneAt !== Infinity) each.goneAt = 0;
  }

  private claim(): void {
    const store = this.store as MessageStore;
    const { flushedOffset, commitLogMinOffset: logMinOffset } = store.figures();
    const isServing = store.unavailable === undefined;
    this.claims.push({ moment: this.disk.moment, flushedOffset: isServing ? flushedOffset : 0, logMinOffset });
  }
}

/** A kill or a power cut before the change number `moment`, or before a random one of so many. */
export function drawPlan(random: Random, moment: number): CrashPlan {
  if (random.chance(0.4)) return { kind: 'kill', moment, tornTo: random.below(random.pick([2, 100, 4096])) };
  const names = random.chance(0.7) ? 'ordered' : 'loose';
  return { kind: 'power', moment, names, sector: random.pick([512, 4096]), seed: random.below(2 ** 31) };
}
