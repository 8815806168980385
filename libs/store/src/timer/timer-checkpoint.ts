import { messageCrc } from '../../../protocol/src/message/index.js';
import { readInt64 } from '../commit-log/record-reader.js';
import type { Disk } from '../disk/disk.js';

/*
 * config/timercheck, 4 KiB, big-endian. The first seven words are Java's (the last three since 5.0.1):
 *    0  int64  slots before this instant are delivered
 *    8  int64  the timer log is on the disk up to this position
 *   16  int64  queue offset up to which the timer's queue is in the timer log, or delivered
 *   24  int64  the same of the master
 *   32  int64  state version, timestamp and counter of the data version
 * Java's words are what survives a power cut: they wait for the commit log to have been flushed. A process that is killed
 * loses nothing that was written, so ours, where Java does not look, may be newer: they hold when the commit log still
 * has what it had when they were written.
 *  256  int64  mark
 *  264  int64  word 0, newer
 *  272  int64  word 8, newer
 *  280  int64  word 16, newer
 *  288  int64  end of the commit log at that moment
 *  296  int64  within the slot of word 264: what stands in the timer log before word 272 is delivered up to this instant
 *  304  int32  CRC of 0..303: differs when Java has written since
 */
const fileSize = 4096;
const javaEnd = 56;
const ownAt = 256;
const crcAt = 304;
/** "NJSTMR01" */
const mark = 0x4e4a_5354_4d52_3031n;

export interface TimerProgress {
  /** Slots before this instant are delivered, milliseconds since the epoch. */
  readonly readTime: number;
  /** End of the timer log. */
  readonly logPosition: number;
  /** Where the timer's queue is to be read next. */
  readonly queueOffset: number;
}

export interface RecentProgress extends TimerProgress {
  /** It holds when the commit log reaches at least so far. */
  readonly commitLogEnd: number;
  /** Of the first slot that is not done, what was due up to this instant is delivered. */
  readonly deliveredTo: number;
}

export class TimerCheckpoint {
  private readonly bytes = Buffer.alloc(fileSize);
  private fd: number | undefined;

  constructor(
    private readonly disk: Disk,
    readonly path: string,
  ) {}

  load(): void {
    if (!this.disk.exists(this.path)) return;
    this.fd = this.disk.open(this.path, false);
    this.disk.readSync(this.fd, this.bytes, 0);
  }

  /** What a power cut left, at least: Java's words. Zeros when there was no file. */
  get durable(): TimerProgress {
    const { bytes } = this;
    const queueOffset = Math.min(readInt64(bytes, 16), readInt64(bytes, 24));
    return { readTime: readInt64(bytes, 0), logPosition: readInt64(bytes, 8), queueOffset };
  }

  /** Undefined when ours were never written, or Java has been at work since. */
  get recent(): RecentProgress | undefined {
    const { bytes } = this;
    if (bytes.readBigInt64BE(ownAt) !== mark) return undefined;
    if (messageCrc(bytes, 0, crcAt) !== bytes.readInt32BE(crcAt)) return undefined;
    return {
      readTime: readInt64(bytes, 264),
      logPosition: readInt64(bytes, 272),
      queueOffset: readInt64(bytes, 280),
      commitLogEnd: readInt64(bytes, 288),
      deliveredTo: readInt64(bytes, 296),
    };
  }

  /** The words that Java's brokers ask each other for (GET_TIMER_CHECK_POINT). */
  get words(): Buffer {
    return Buffer.from(this.bytes.subarray(0, javaEnd));
  }

  /** Call when the timer log and the wheel are on the disk as far as both say. */
  async write(durable: TimerProgress, recent: RecentProgress, now: number): Promise<void> {
    const { bytes } = this;
    const hasMoved = readInt64(bytes, 0) !== durable.readTime || readInt64(bytes, 24) !== durable.queueOffset;
    bytes.writeBigInt64BE(BigInt(durable.readTime), 0);
    bytes.writeBigInt64BE(BigInt(durable.logPosition), 8);
    bytes.writeBigInt64BE(BigInt(durable.queueOffset), 16);
    bytes.writeBigInt64BE(BigInt(durable.queueOffset), 24);
    if (hasMoved) {
      bytes.writeBigInt64BE(BigInt(now), 40);
      bytes.writeBigInt64BE(bytes.readBigInt64BE(48) + 1n, 48);
    }
    bytes.writeBigInt64BE(mark, ownAt);
    bytes.writeBigInt64BE(BigInt(recent.readTime), 264);
    bytes.writeBigInt64BE(BigInt(recent.logPosition), 272);
    bytes.writeBigInt64BE(BigInt(recent.queueOffset), 280);
    bytes.writeBigInt64BE(BigInt(recent.commitLogEnd), 288);
    bytes.writeBigInt64BE(BigInt(recent.deliveredTo), 296);
    bytes.writeInt32BE(messageCrc(bytes, 0, crcAt), crcAt);
    const fd = (this.fd ??= this.disk.open(this.path, true));
    this.disk.writeSync(fd, bytes, 0);
    await this.disk.fdatasync(fd);
  }

  close(): void {
    if (this.fd !== undefined) this.disk.close(this.fd);
    this.fd = undefined;
  }
}
