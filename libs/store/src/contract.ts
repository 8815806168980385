import type { Lifecycle } from '../../common/src/index.js';
import type { ByteRange, Utf8Text } from '../../protocol/src/message/index.js';

/** A host as the store writes it: IPv4 or IPv6 in text form. */
export interface HostAddress {
  readonly ip: string;
  readonly port: number;
}

/** A message to be appended. The store fills in offsets, CRC and store time. */
export interface AppendMessage {
  readonly topic: string;
  readonly queueId: number;
  readonly flag: number;
  /** MessageSysFlag bits; the host bits are set by the store from the two addresses. */
  readonly sysFlag: number;
  /** Milliseconds since the epoch. */
  readonly bornTimestamp: number;
  readonly bornHost: HostAddress;
  readonly storeHost: HostAddress;
  readonly reconsumeTimes: number;
  readonly preparedTransactionOffset: number;
  /** Copied into the log before `append` returns. */
  readonly body: Buffer | ByteRange;
  /** Encoded properties (name 0x01 value 0x02 ...), at most 32,767 bytes in UTF-8. Copied before `append` returns. */
  readonly properties: string | Utf8Text;
  /**
   * What the consume queue keeps: the tag's hash code sign-extended, 0 without a tag. Queues of the delay topic keep the
   * instant of delivery instead.
   */
  readonly tagsCode: number;
  /**
   * False: acked when the kernel has it, also in SYNC_FLUSH (message property WAIT=false). With direct writes that is when
   * the disk has it.
   */
  readonly waitForFlush: boolean;
}

/** Messages for one queue that are appended as a whole or not at all. */
export interface AppendBatch {
  readonly count: number;
  /** The message at this place; may be one object for all of them, good until the next call. */
  at(place: number): AppendMessage;
}

export type AppendStatus =
  | 'OK'
  /** SYNC_FLUSH only: stored, but not on the disk in time. */
  | 'FLUSH_DISK_TIMEOUT'
  /** Body, properties or topic over their limits. */
  | 'MESSAGE_ILLEGAL'
  /** Closed, fenced after a disk error, or the disk is full. */
  | 'SERVICE_NOT_AVAILABLE'
  /** A new file could not be made, or a write failed. */
  | 'SYSTEM_ERROR';

export interface AppendResult {
  readonly status: AppendStatus;
  /** Why, when not OK. */
  readonly reason: string;
  /** Of the first message; -1 when nothing was stored. */
  readonly physicalOffset: number;
  readonly queueOffset: number;
  readonly storeTimestamp: number;
  /** Of its record in the log, or of all of a batch. */
  readonly bytes: number;
  /** Milliseconds from the first append of its group to the answer. */
  readonly elapsed: number;
  /** Physical offset of each message of a batch, in order; one entry for a single message. */
  readonly physicalOffsets: readonly number[];
}

export type GetStatus =
  | 'FOUND'
  | 'NO_MATCHED_MESSAGE'
  | 'MESSAGE_WAS_REMOVING'
  | 'OFFSET_FOUND_NULL'
  | 'OFFSET_OVERFLOW_BADLY'
  | 'OFFSET_OVERFLOW_ONE'
  | 'OFFSET_TOO_SMALL'
  | 'NO_MATCHED_LOGIC_QUEUE'
  | 'NO_MESSAGE_IN_QUEUE';

export interface GetResult {
  readonly status: GetStatus;
  /** Where to go on. */
  readonly nextBeginOffset: number;
  readonly minOffset: number;
  readonly maxOffset: number;
  /** Whole log records; adjacent ones are one slice. */
  readonly slices: readonly Buffer[];
  /** False: the bytes are others from the next turn of the event loop on. True: they never change. */
  readonly isLasting: boolean;
  readonly messageCount: number;
  /** Sum of the slices' lengths. */
  readonly bytes: number;
  /** The last entry looked at is further from the end of the log than memory holds: the reader cannot keep up. */
  readonly isFarBehind: boolean;
  /** Of each message handed out, in order (statistics, tests). */
  readonly queueOffsets: readonly number[];
}

export interface GetRequest {
  readonly topic: string;
  readonly queueId: number;
  readonly offset: number;
  readonly maxMessages: number;
  /** Upper bound of `bytes` (the first message is always handed out). Default 256 KiB. */
  readonly maxBytes?: number;
  /** By consume-queue entry; absent = all. */
  readonly matches?: (tagsCode: number) => boolean;
  /** By the whole record, of what is left; absent = all. The bytes are good during the call only. */
  readonly matchesRecord?: (record: Buffer) => boolean;
}

/** Messages of a topic with this unique key, or this word among their keys. */
export interface IndexQuery {
  readonly topic: string;
  readonly key: string;
  /** At most maxMsgsNumBatch are handed out, and no more than fit into one answer. */
  readonly maxMessages: number;
  /** Store time from and to, inclusive, in milliseconds; exact to a second. */
  readonly begin: number;
  readonly end: number;
}

export interface IndexQueryResult {
  /** Whole log records: the newest ones that match, in the order of the log. */
  readonly records: readonly Buffer[];
  /** Store time and physical offset of the record indexed last; 0 when nothing was found. */
  readonly indexLastUpdateTimestamp: number;
  readonly indexLastUpdatePhyOffset: number;
}

/** A message came to be readable. Called once per queue and group of writes, after the consume queue knows it. */
export type ArrivalListener = (topic: string, queueId: number, maxOffset: number, tagsCodes: readonly number[]) => void;

/** What consumequeue_ext has of a message. */
export interface ExtensionUnit {
  readonly size: number;
  readonly tagsCode: number;
  readonly storeTimestamp: number;
  /** Which SQL92 filters take the message; undefined when nobody worked it out. */
  readonly filterBitMap: Buffer | undefined;
}

/** An entry of a consume queue. */
export interface QueueUnit {
  readonly physicalOffset: number;
  /** Of the record, in bytes. */
  readonly size: number;
  /** In queues of the delay topic the instant of delivery, milliseconds since the epoch. */
  readonly tagsCode: number;
  /** Of consumequeue_ext, when asked for: absent where the queue has none, 'missing' when its unit is gone. */
  readonly extension?: ExtensionUnit | 'missing';
}

/** Figures for GET_BROKER_RUNTIME_INFO and health. */
export interface StoreFigures {
  readonly commitLogMinOffset: number;
  readonly commitLogMaxOffset: number;
  readonly flushedOffset: number;
  readonly dispatchBehindBytes: number;
  /** Bytes of the log that cannot be found by key yet. */
  readonly indexBehindBytes: number;
  /** Used share of the partition, 0..1. */
  readonly commitLogDiskRatio: number;
  readonly consumeQueueDiskRatio: number;
  readonly diskTotalBytes: number;
  readonly diskFreeBytes: number;
  readonly earliestMessageTime: number;
  readonly bootTime: number;
  /** Appends since start. */
  readonly putTotal: number;
  readonly putFailed: number;
  readonly putBytes: number;
  readonly putMessageEntireTimeMax: number;
}

/**
 * The message store over Apache's files. Single writer: `append` assigns offsets at once, the bytes reach the kernel in
 * one write per tick, and `done` is called after that (ASYNC_FLUSH) or after the grouped fdatasync (SYNC_FLUSH), which
 * with direct writes is the write itself.
 */
export interface MessageStore extends Lifecycle {
  append(message: AppendMessage, done: (result: AppendResult) => void): void;
  /** All of one topic and queue: consecutive queue offsets, all or nothing. */
  appendBatch(batch: AppendBatch, done: (result: AppendResult) => void): void;
  /** Synchronous from cached pages, a promise for cold ones. */
  get(request: GetRequest): GetResult | Promise<GetResult>;
  /** The whole, undamaged record that starts at this physical offset, or undefined. `size` when the caller knows it. */
  read(physicalOffset: number, size?: number): Buffer | undefined | Promise<Buffer | undefined>;
  /** Every record is looked at once more: none is handed out that is damaged or has another key. */
  query(query: IndexQuery): Promise<IndexQueryResult>;
  /** 0 and 0 for a queue nobody wrote. */
  minOffset(topic: string, queueId: number): number;
  maxOffset(topic: string, queueId: number): number;
  /** First offset whose store time is >= (lower) / last one <= (upper) `timestamp`; Java's getOffsetInQueueByTime. */
  offsetByTime(
    topic: string,
    queueId: number,
    timestamp: number,
    boundary: 'lower' | 'upper',
  ): number | Promise<number>;
  /** Store time of the message at a queue offset, -1 when there is none. */
  storeTime(topic: string, queueId: number, offset: number): number | Promise<number>;
  /** -1 when the queue is empty. */
  earliestStoreTime(topic: string, queueId: number): number | Promise<number>;
  /** True when the message at this queue offset is still in memory (recent), see QUERY_CONSUMER_OFFSET. */
  isInMemory(topic: string, queueId: number, offset: number): boolean;
  /** Removes the consume queues of a topic; the log keeps its bytes until they expire. */
  deleteTopic(topic: string): Promise<void>;
  /** Removes the consume queues of all topics for which `isUsed` says false. Returns their names. */
  deleteUnusedTopics(isUsed: (topic: string) => boolean): Promise<string[]>;
  /** Lets files of the log whose time has come go with this and the next passes, whatever the hour. */
  deleteExpiredFiles(): void;
  /** Cuts the consume queues to where the log begins, now and without pauses. */
  deleteExpiredQueueFiles(): Promise<void>;
  /**
   * At most `count` entries from a queue offset on; empty when there is none at that offset, undefined when there is no
   * such queue.
   */
  queueUnits(topic: string, queueId: number, from: number, count: number): Promise<QueueUnit[] | undefined>;
  /** The same, with what consumequeue_ext has of each entry. */
  extendedUnits(topic: string, queueId: number, from: number, count: number): Promise<QueueUnit[] | undefined>;
  onArrival(listener: ArrivalListener): void;
  figures(): StoreFigures;
  /** Undefined while healthy; otherwise why writes are refused, for good or until the disk has space again. */
  readonly unavailable: string | undefined;
}
