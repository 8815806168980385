/*
 * The process that appends to a store, without sockets. Argument: one JSON text, see AppendConfig. Prints one JSON line,
 * see AppendResultLine. Each answer brings the next append, so that the number under way stays.
 */
import { tagsCode } from '../../libs/protocol/src/message/index.js';
import {
  hasDirectWrites,
  nodeDisk,
  type AppendMessage,
  type AppendResult,
  type Disk,
  type MessageStore,
} from '../../libs/store/src/index.js';
import { lengthOf } from '../../libs/store/src/disk/write-pieces.js';
import { storeMessage, withoutDirectWrites } from '../../libs/testkit/src/index.js';
import { LatencyHistogram } from '../runner/statistics.js';
import { createBenchStore } from './bench-store.js';

export interface AppendConfig {
  readonly directory: string;
  readonly bodySize: number;
  readonly inFlight: number;
  readonly flushDiskType: 'ASYNC_FLUSH' | 'SYNC_FLUSH';
  /** `none`: writes and syncs do nothing, which shows what they cost. */
  readonly disk: 'real' | 'none';
  /** Messages before the measurement begins: the slower ones shall not be measured while the compiler is at work yet. */
  readonly warmUp: number;
  /** Milliseconds. */
  readonly measure: number;
}

export interface AppendSample {
  readonly messages: number;
  readonly seconds: number;
  /** User+system time of the whole process per message, microseconds: the store and the loop that feeds it. */
  readonly cpuPerMessage: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Calls of the disk that wrote, and how much each did in the mean: past the page cache those of the log alone. */
  readonly writesPerMessage: number;
  readonly bytesPerWrite: number;
}

const queues = 8;
/** Messages made beforehand, each with an id of its own; sent again and again. */
const prepared = 4096;

const idleDisk: Disk = {
  ...withoutDirectWrites(nodeDisk),
  writeSync: () => undefined,
  fdatasync: () => Promise.resolve(),
};

/** A disk, and the writes that were asked of it: into the page cache, or past it. */
class CountingDisk {
  writes = 0;
  bytes = 0;

  constructor(private readonly isDirect: boolean) {}

  of(inner: Disk): Disk {
    return {
      ...inner,
      writeSync: (fd, source, position) => {
        if (!this.isDirect) this.count(source.length);
        inner.writeSync(fd, source, position);
      },
      ...(hasDirectWrites(inner) && {
        writeDirect: (fd, pieces, position) => {
          if (this.isDirect) this.count(lengthOf(pieces));
          return inner.writeDirect(fd, pieces, position);
        },
      }),
    };
  }

  reset(): void {
    this.writes = this.bytes = 0;
  }

  private count(bytes: number): void {
    this.writes++;
    this.bytes += bytes;
  }
}

function prepareMessages(bodySize: number): AppendMessage[] {
  const body = Buffer.alloc(bodySize, 'x');
  return Array.from({ length: prepared }, (_, i) => {
    const id = `7F0000010A2B18B4AAC216${String(i).padStart(10, '0')}`;
    const properties = `UNIQ_KEY\u0001${id}\u0002WAIT\u0001true\u0002TAGS\u0001TagA\u0002`;
    const message = { topic: 'bench_store', queueId: i % queues, body: Buffer.from(body), properties };
    return storeMessage({ ...message, tagsCode: tagsCode('TagA') });
  });
}

class Load {
  readonly histogram = new LatencyHistogram();
  isMeasured = false;
  isEnding = false;
  /** Answered while measured. */
  messages = 0;
  private answered = 0;
  private warm: { readonly after: number; readonly resolve: () => void } | undefined;
  private next = 0;
  private underWay = 0;
  private ended: (() => void) | undefined;

  constructor(
    private readonly store: MessageStore,
    private readonly pool: readonly AppendMessage[],
  ) {}

  begin(count: number): void {
    for (let i = 0; i < count; i++) this.lane();
  }

  /** Resolves when so many were answered. */
  warmUp(after: number): Promise<void> {
    return new Promise((resolve) => (this.warm = { after, resolve }));
  }

  end(): Promise<void> {
    this.isEnding = true;
    return new Promise((resolve) => (this.ended = resolve));
  }

  /** One message under way at any time. */
  private lane(): void {
    let startedAt = 0;
    const done = ({ status, reason }: AppendResult): void => {
      if (status !== 'OK') throw new Error(`${status}: ${reason}`);
      if (this.isMeasured) {
        this.messages++;
        this.histogram.record((performance.now() - startedAt) * 1000);
      }
      if (++this.answered === this.warm?.after) this.warm.resolve();
      this.underWay--;
      send();
    };
    const send = (): void => {
      if (this.isEnding) {
        if (this.underWay === 0) this.ended?.();
        return;
      }
      this.underWay++;
      startedAt = performance.now();
      this.store.append(this.pool[this.next++ % prepared] as AppendMessage, done);
    };
    send();
  }
}

async function run(config: AppendConfig): Promise<AppendSample> {
  const { directory, bodySize, inFlight, flushDiskType, disk, warmUp, measure } = config;
  const counting = new CountingDisk(flushDiskType === 'SYNC_FLUSH');
  const { store } = createBenchStore(directory, disk === 'none' ? idleDisk : counting.of(nodeDisk), { flushDiskType });
  await store.start();
  const load = new Load(store, prepareMessages(bodySize));
  load.begin(inFlight);
  await load.warmUp(warmUp);
  counting.reset();
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  load.isMeasured = true;
  await after(measure);
  load.isMeasured = false;
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const { messages, histogram } = load;
  const { writes, bytes } = counting;
  await load.end();
  await store.close();
  const percentiles = { p50: histogram.percentile(0.5), p99: histogram.percentile(0.99) };
  const counts = { writesPerMessage: writes / messages, bytesPerWrite: bytes / writes };
  return { messages, seconds, cpuPerMessage: (user + system) / messages, ...percentiles, ...counts };
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const sample = await run(JSON.parse(process.argv[2] ?? '{}') as AppendConfig);
process.stdout.write(`${JSON.stringify(sample)}\n`);
