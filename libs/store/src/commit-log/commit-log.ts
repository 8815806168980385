/*
 * HOT PATH (append). Copies and allocates nothing beyond the record writer's copies; a new chunk every few MiB, a new
 * file every mappedFileSizeCommitLog bytes. One write call for a group of records.
 */
import { RocketMQError } from '../../../common/src/index.js';
import { blankRecordSize } from '../../../protocol/src/message/index.js';
import type { AppendBatch, AppendMessage } from '../contract.js';
import { directBlock, hasDirectWrites, type DirectDisk, type Disk } from '../disk/disk.js';
import type { FilePool } from '../disk/file-pool.js';
import { AlignedMemory } from './aligned-memory.js';
import { BlockSums } from './block-sums.js';
import { Chunk } from './chunk.js';
import { ChunkCache } from './chunk-cache.js';
import { DirectWriter } from './direct-writer.js';
import { HostTable } from './host-table.js';
import { RecordWriter } from './record-writer.js';
import { Segments } from './segments.js';

export interface CommitLogOptions {
  readonly directory: string;
  /** Bytes of a file. */
  readonly segmentSize: number;
  readonly chunkSize: number;
  /** Bytes of recent log kept in memory. */
  readonly cacheSize: number;
  /** Whether records end in a checksum of the whole. */
  readonly hasChecksum: boolean;
  /** See Segments; 0 unless every group waits for the disk. */
  readonly preparedBytes: number;
  /** Whether {@link CommitLog.sync} shall write past the page cache, where the disk can. */
  readonly wantsDirect: boolean;
}

/** What goes out with one direct write, at most. */
const directBytes = 2 * 1024 * 1024;

/** The log: appended to by one writer, read by anyone. Knows bytes and offsets; queues are others' business. */
export class CommitLog {
  readonly segments: Segments;
  /** Of what has left memory. */
  readonly sums: BlockSums;
  /** Where the next record starts. */
  private position = 0;
  /** What {@link sync} brings to the disk ends here. */
  syncableOffset = 0;
  /** The kernel has the bytes before it: what readers may see. */
  writtenOffset = 0;
  /** The disk has the bytes before it. */
  flushedOffset = 0;
  /** Size of the record last appended. */
  lastSize = 0;
  private chunk: Chunk | undefined;
  /** Memory for the next one. */
  private spare: Chunk | undefined;
  private readonly cache: ChunkCache;
  private dirty: Chunk[] = [];
  private direct: DirectWriter | undefined;
  /** For chunks that direct writes go out from. */
  private alignedMemory: AlignedMemory | undefined;
  /** What stood in the last block of the log when appending began. */
  private head = Buffer.alloc(0);
  private readonly writer: RecordWriter;

  constructor(
    private readonly disk: Disk,
    private readonly files: FilePool,
    private readonly options: CommitLogOptions,
  ) {
    this.segments = new Segments(disk, options.directory, options.segmentSize, options.preparedBytes);
    this.sums = new BlockSums(options.segmentSize);
    this.cache = new ChunkCache(options.cacheSize, ({ base, bytes, length }) =>
      this.sums.add(base, bytes.subarray(0, length)),
    );
    this.writer = new RecordWriter(new HostTable(), new HostTable(), options.hasChecksum);
  }

  get minOffset(): number {
    return this.segments.minOffset;
  }

  /** Records from here on are in memory. */
  get cachedFrom(): number {
    return this.cache.minOffset;
  }

  /** The end found by recovery, on the disk: appending goes on there. */
  resume(offset: number): void {
    this.position = this.syncableOffset = this.writtenOffset = this.flushedOffset = offset;
    const { disk, segments } = this;
    if (!hasDirectWrites(disk) || !this.openDirect(disk, offset)) segments.resume(offset);
  }

  /** Whether records pass by the page cache: the kernel has them when the disk has. */
  get isDirect(): boolean {
    return this.direct !== undefined;
  }

  /** False where the configuration, the size of the files or the file system is against it. */
  private openDirect(disk: DirectDisk, offset: number): boolean {
    const { segments } = this;
    const { preparedBytes, wantsDirect } = this.options;
    if (!wantsDirect || segments.size % directBlock !== 0) return false;
    const writing = { fileSize: segments.size, limit: Math.min(directBytes, segments.size), preparedBytes };
    const memory = disk.directMemory(DirectWriter.memorySize(writing));
    const pieces = memory && [memory.subarray(0, directBlock), memory.subarray(-directBlock)];
    if (!pieces || !disk.takesDirect(segments.directory, pieces)) return false;
    const base = segments.baseOf(offset);
    const head = Buffer.alloc(offset % directBlock);
    if (head.length > 0) disk.readSync(this.files.fd(segments.path(base)), head, offset - base - head.length);
    segments.resume(offset, disk);
    this.direct = new DirectWriter(memory, writing, (...blocks) => segments.writeDirect(...blocks));
    this.alignedMemory = new AlignedMemory((bytes) => disk.directMemory(bytes));
    this.head = head;
    return true;
  }

  /**
   * Builds the record in memory and returns its physical offset; {@link lastSize} has its size. The kernel gets it with
   * the next {@link write}.
   *
   * @throws RocketMQError ARGUMENT_INVALID for a host that is no address and for a record larger than a file, and the
   *   system's error when a new file cannot be made; nothing has changed then.
   */
  append(message: AppendMessage, topic: Buffer, queueOffset: number, storeTimestamp: number): number {
    let { chunk } = this;
    const atMost = this.writer.sizeAtMost(message, topic) + blankRecordSize;
    if (chunk === undefined || chunk.length + atMost > chunk.capacity) {
      chunk = this.makeRoom(this.writer.size(message, topic) + blankRecordSize);
    }
    return this.put(chunk, message, topic, queueOffset, storeTimestamp);
  }

  /** As {@link append}, with room made by {@link reserve}. */
  appendReserved(message: AppendMessage, topic: Buffer, queueOffset: number, storeTimestamp: number): number {
    return this.put(this.chunk as Chunk, message, topic, queueOffset, storeTimestamp);
  }

  private put(
    chunk: Chunk,
    message: AppendMessage,
    topic: Buffer,
    queueOffset: number,
    storeTimestamp: number,
  ): number {
    if (chunk.written === chunk.length) this.dirty.push(chunk);
    const physicalOffset = chunk.base + chunk.length;
    const size = this.writer.write(chunk, message, topic, queueOffset, storeTimestamp);
    chunk.length += size;
    this.position = physicalOffset + size;
    this.lastSize = size;
    return physicalOffset;
  }

  /** Makes room for a batch in one chunk of one file, so that it fails before its first message or not at all. */
  reserve(batch: AppendBatch, topic: Buffer): void {
    const { chunk } = this;
    let needed = blankRecordSize;
    for (let i = 0; i < batch.count; i++) needed += this.writer.size(batch.at(i), topic);
    if (chunk === undefined || chunk.length + needed > chunk.capacity) this.makeRoom(needed);
  }

  /** Appended, and not yet given to {@link write}. */
  get unwrittenBytes(): number {
    return this.position - this.syncableOffset;
  }

  /** Appended, and in this memory only. */
  get heldBytes(): number {
    return this.position - this.writtenOffset;
  }

  /** Hands everything appended to the kernel; or, with direct writes, to the next {@link sync}. */
  write(): void {
    this.syncableOffset = this.position;
    if (this.direct) return;
    const { dirty } = this;
    for (const chunk of dirty) {
      const base = this.segments.baseOf(chunk.base);
      this.segments.write(base, chunk.bytes.subarray(chunk.written, chunk.length), chunk.base - base + chunk.written);
      chunk.written = chunk.length;
    }
    dirty.length = 0;
    this.writtenOffset = this.position;
  }

  /** Resolves when the disk has what {@link write} was called for before. One call at a time. */
  async sync(): Promise<void> {
    const upTo = this.syncableOffset;
    if (this.direct) await this.writeDirect(this.direct, upTo);
    await this.segments.sync(upTo);
    this.flushedOffset = upTo;
    // Not by the piece: before the end of a group, half a record may be the end of a piece.
    if (this.direct) this.writtenOffset = upTo;
  }

  private async writeDirect(direct: DirectWriter, upTo: number): Promise<void> {
    const { dirty } = this;
    for (let first = dirty[0]; first && first.base + first.written < upTo; first = dirty[0]) {
      const end = await direct.writeOn(dirty, upTo);
      // Not before: the memory of a chunk that is written may be another's.
      for (let chunk = dirty[0]; chunk && chunk.base < end; chunk = dirty[0]) {
        chunk.written = Math.min(chunk.length, end - chunk.base);
        if (chunk.written < chunk.length) break;
        dirty.shift();
      }
    }
  }

  /** The chunk with this byte, when it is in memory and written. */
  cached(offset: number): Chunk | undefined {
    const chunk = this.peek(offset);
    if (chunk) chunk.wasHandedOut = true;
    return chunk;
  }

  /** As {@link cached}, for a look within this turn of the event loop: no slice of it may be kept. */
  peek(offset: number): Chunk | undefined {
    return offset < this.writtenOffset ? this.cache.find(offset) : undefined;
  }

  /** Bytes from the file, from the page cache or the disk. Undefined when they are not all in one file of the log. */
  async read(offset: number, length: number): Promise<Buffer | undefined> {
    const bytes = await this.readUpTo(offset, length);
    return bytes?.length === length ? bytes : undefined;
  }

  /** Like {@link read}, but what there is when the file or the log ends before. */
  async readUpTo(offset: number, length: number): Promise<Buffer | undefined> {
    const available = this.availableAt(offset, length);
    if (available === 0) return undefined;
    const bytes = Buffer.allocUnsafeSlow(available);
    return bytes.subarray(0, await this.readInto(offset, bytes));
  }

  /** Like {@link readUpTo}, into memory of the caller. Returns the number of bytes. */
  async readInto(offset: number, target: Buffer): Promise<number> {
    const bytes = target.subarray(0, this.availableAt(offset, target.length));
    if (bytes.length === 0) return 0;
    const base = this.segments.baseOf(offset);
    return this.files.pinned(this.segments.path(base), (fd) => this.disk.read(fd, bytes, offset - base));
  }

  private availableAt(offset: number, length: number): number {
    if (offset < this.minOffset) return 0;
    const end = this.segments.baseOf(offset) + this.segments.size;
    return Math.max(0, Math.min(end, this.writtenOffset, offset + length) - offset);
  }

  /** Lets go of the oldest file, in memory too. Returns the offset it began with; it is still on disk. */
  dropFirst(): number {
    const base = this.segments.dropFirst();
    this.cache.dropBefore(this.minOffset);
    this.sums.dropBefore(this.minOffset);
    return base;
  }

  close(): void {
    this.segments.close();
    this.cache.clear();
    this.chunk = this.spare = undefined;
  }

  /** A chunk with at least `needed` bytes of room, in the next file if this one has not as much left. */
  private makeRoom(needed: number): Chunk {
    const { segments } = this;
    let { chunk } = this;
    if (needed > segments.size) {
      throw new RocketMQError('ARGUMENT_INVALID', `larger than a file of the commit log (${segments.size} bytes)`);
    }
    if (segments.isEmpty) segments.create(segments.baseOf(this.position));
    const remaining = segments.endOffset - this.position;
    if (needed > remaining) {
      const next = segments.endOffset;
      segments.create(next);
      // Records leave this much room in their file, so that there is always a place for the mark.
      if (remaining >= blankRecordSize) this.appendBlank(remaining);
      this.position = next;
      chunk = undefined;
    }
    if (chunk && chunk.length + needed <= chunk.capacity) return chunk;
    return this.newChunk(needed);
  }

  private appendBlank(remaining: number): void {
    const { chunk } = this;
    const target =
      chunk && chunk.length + blankRecordSize <= chunk.capacity
        ? chunk
        : this.newChunk(blankRecordSize, blankRecordSize);
    if (target.written === target.length) this.dirty.push(target);
    target.length += this.writer.writeBlank(target, remaining);
  }

  private newChunk(needed: number, preferred: number = this.options.chunkSize): Chunk {
    const segmentEnd = this.segments.baseOf(this.position) + this.segments.size;
    const capacity = Math.min(segmentEnd - this.position, Math.max(preferred, needed));
    const spare = this.spare?.capacity === capacity ? this.spare : undefined;
    const chunk = new Chunk(
      this.position,
      capacity,
      spare?.memory ?? this.alignedMemory?.take(capacity),
      this.headOfBlock(),
    );
    this.spare = this.cache.add(chunk) ?? (spare ? undefined : this.spare);
    this.chunk = chunk;
    return chunk;
  }

  /** Direct writes are of whole blocks: what stands in front of the next chunk in its first one. */
  private headOfBlock(): Buffer | undefined {
    const length = this.alignedMemory ? this.position % directBlock : 0;
    if (length === 0) return undefined;
    return this.chunk ? this.chunk.slice(this.position - length, this.position) : this.head;
  }
}
