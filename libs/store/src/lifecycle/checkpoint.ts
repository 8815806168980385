import { messageCrc } from '../../../protocol/src/message/index.js';
import { readInt64 } from '../commit-log/record-reader.js';
import type { Disk } from '../disk/disk.js';
import type { IndexPosition, IndexState } from '../message-index/index-position.js';

/*
 * The checkpoint, 4 KiB, big-endian. The first five words are Java's:
 *    0  int64  store time of the last message on the disk
 *    8  int64  store time of the last message whose consume queue entry is on the disk
 *   16  int64  the same for full files of the index
 *   24  int64  master flushed offset (5.x)
 *   32  int64  confirmed offset (5.x)
 * Time alone is no safe place to recover from: entries may reach the disk long after the time does. So ours follow,
 * where Java neither reads nor writes, in the same sector:
 *  256  int64  mark
 *  264  int64  durable offset: every consume queue entry of records before it is on the disk, and so are they
 *  272  int64  number of queues with messages at that moment
 *  280  int64  sum of their next queue offsets
 *  288  int64  sum of their first queue offsets
 *  296  int64  where the log began then
 *  304  int64  copy of word 0: differs when Java has written since, and then ours count no more
 *  312  int64  index: keys of every record before this offset are on the disk
 *  320  int64  number of index files
 *  328  int64  name of the first one, 0 without any
 *  336  int64  name of the last one
 *  344  int64  place of the next item in the last one; 0 when nothing is known of the index
 *  352  int32  CRC of 256..351
 */
const fileSize = 4096;
const ownAt = 256;
const ownEnd = 352;
/** "NJSRMQ02" */
const mark = 0x4e4a_5352_4d51_3032n;

/** Queues with messages, and the sums of their bounds. */
export interface QueueCount {
  readonly queueCount: number;
  readonly offsetSum: number;
  readonly minOffsetSum: number;
}

/** What the consume queues hold of the log before an offset. */
export interface DurablePosition extends QueueCount {
  readonly offset: number;
  readonly logMinOffset: number;
}

/** A checkpoint file taken apart. Times are milliseconds since the epoch, 0 when never written. */
export interface CheckpointWords {
  readonly physicMsgTimestamp: number;
  readonly logicsMsgTimestamp: number;
  readonly indexMsgTimestamp: number;
  readonly masterFlushedOffset: number;
  readonly confirmPhyOffset: number;
  /** Ours: the position; or `absent`, `damaged`, or `outdated` because Java has written since. */
  readonly own: DurablePosition | 'absent' | 'damaged' | 'outdated';
}

/** Reads a file of whatever length; what it lacks counts as zeros, as in a file just made. */
export function decodeCheckpoint(file: Buffer): CheckpointWords {
  const bytes = file.length >= fileSize ? file : Buffer.concat([file], fileSize);
  return {
    physicMsgTimestamp: readInt64(bytes, 0),
    logicsMsgTimestamp: readInt64(bytes, 8),
    indexMsgTimestamp: readInt64(bytes, 16),
    masterFlushedOffset: readInt64(bytes, 24),
    confirmPhyOffset: readInt64(bytes, 32),
    own: ownPosition(bytes),
  };
}

function ownPosition(bytes: Buffer): CheckpointWords['own'] {
  if (bytes.readBigInt64BE(ownAt) !== mark) return 'absent';
  if (messageCrc(bytes, ownAt, ownEnd) !== bytes.readInt32BE(ownEnd)) return 'damaged';
  if (bytes.readBigInt64BE(304) !== bytes.readBigInt64BE(0)) return 'outdated';
  return {
    offset: readInt64(bytes, 264),
    queueCount: readInt64(bytes, 272),
    offsetSum: readInt64(bytes, 280),
    minOffsetSum: readInt64(bytes, 288),
    logMinOffset: readInt64(bytes, 296),
  };
}

/** Undefined when nothing was known of the index. */
function indexPosition(bytes: Buffer): IndexPosition | undefined {
  const next = readInt64(bytes, 344);
  if (next === 0) return undefined;
  const name = (at: number): string => (readInt64(bytes, at) === 0 ? '' : String(bytes.readBigInt64BE(at)));
  const [offset, fileCount] = [readInt64(bytes, 312), readInt64(bytes, 320)];
  return { offset, fileCount, firstFile: name(328), lastFile: name(336), next };
}

const nothingIndexed: IndexPosition = { offset: 0, fileCount: 0, firstFile: '', lastFile: '', next: 0 };

export class Checkpoint {
  /** The durable offset last written since the start, 0 before. */
  writtenOffset = 0;
  private readonly bytes = Buffer.alloc(fileSize);
  private fd: number | undefined;

  constructor(
    private readonly disk: Disk,
    readonly path: string,
  ) {}

  /** Reads the file, or makes it. */
  load(): void {
    this.fd = this.disk.open(this.path, true);
    this.disk.readSync(this.fd, this.bytes, 0);
  }

  /** Undefined when this store never wrote one, or Java has been at work since. */
  get durable(): DurablePosition | undefined {
    const { own } = decodeCheckpoint(this.bytes);
    return typeof own === 'object' ? own : undefined;
  }

  /** Undefined as above, and when nothing was known of the index. */
  get index(): IndexPosition | undefined {
    return this.durable === undefined ? undefined : indexPosition(this.bytes);
  }

  /** Java's word: files of the index with nothing later are whole on the disk. */
  get indexTimestamp(): number {
    return readInt64(this.bytes, 16);
  }

  /** Call when everything it says is on the disk. */
  async write(position: DurablePosition, storeTimestamp: number, index: IndexState): Promise<void> {
    if (this.fd === undefined) return;
    const { bytes } = this;
    if (storeTimestamp > 0) {
      bytes.writeBigInt64BE(BigInt(storeTimestamp), 0);
      bytes.writeBigInt64BE(BigInt(storeTimestamp), 8);
    }
    bytes.writeBigInt64BE(BigInt(index.fullTimestamp), 16);
    bytes.writeBigInt64BE(mark, ownAt);
    bytes.writeBigInt64BE(BigInt(position.offset), 264);
    bytes.writeBigInt64BE(BigInt(position.queueCount), 272);
    bytes.writeBigInt64BE(BigInt(position.offsetSum), 280);
    bytes.writeBigInt64BE(BigInt(position.minOffsetSum), 288);
    bytes.writeBigInt64BE(BigInt(position.logMinOffset), 296);
    bytes.copy(bytes, 304, 0, 8);
    const { offset, fileCount, firstFile, lastFile, next } = index.position ?? nothingIndexed;
    bytes.writeBigInt64BE(BigInt(offset), 312);
    bytes.writeBigInt64BE(BigInt(fileCount), 320);
    bytes.writeBigInt64BE(BigInt(firstFile), 328);
    bytes.writeBigInt64BE(BigInt(lastFile), 336);
    bytes.writeBigInt64BE(BigInt(next), 344);
    bytes.writeInt32BE(messageCrc(bytes, ownAt, ownEnd), ownEnd);
    this.disk.writeSync(this.fd, bytes, 0);
    await this.disk.fdatasync(this.fd);
    this.writtenOffset = position.offset;
  }

  /**
   * Vouches for no queue entry any more. Call before queues are made again from the log: a crash in between may leave
   * others than were counted, and as many.
   */
  async forgetQueues(): Promise<void> {
    if (this.fd === undefined || this.durable === undefined) return;
    const { bytes } = this;
    bytes.fill(0, 264, 304);
    bytes.writeInt32BE(messageCrc(bytes, ownAt, ownEnd), ownEnd);
    this.disk.writeSync(this.fd, bytes, 0);
    await this.disk.fdatasync(this.fd);
  }

  close(): void {
    if (this.fd !== undefined) this.disk.close(this.fd);
    this.fd = undefined;
  }
}
