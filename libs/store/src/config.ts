import { configTable, type ConfigOf } from '../../common/src/index.js';

/** Keys of Apache's MessageStoreConfig that take effect here; the others stand in config-no-effect.ts. */
// prettier-ignore
export const storeConfigTable = configTable({
  storePathRootDir: { kind: 'string', default: '', important: true, note: 'Directory of the store; default ~/store.' },
  storePathCommitLog: { kind: 'string', default: '', important: true, note: 'Directory of the commit log; default <storePathRootDir>/commitlog.' },
  mappedFileSizeCommitLog: {
    kind: 'int', default: 1024 * 1024 * 1024, min: 4096, unit: 'bytes', aliases: ['mapedFileSizeCommitLog'],
    note: 'Size of a commit log file.',
  },
  mappedFileSizeConsumeQueue: {
    kind: 'int', default: 300_000 * 20, min: 20, unit: 'bytes', aliases: ['mapedFileSizeConsumeQueue'],
    note: 'Size of a consume queue file, rounded up to whole entries of 20 bytes.',
  },
  flushDiskType: {
    kind: 'enum', values: ['ASYNC_FLUSH', 'SYNC_FLUSH'], default: 'ASYNC_FLUSH', important: true,
    note: 'ASYNC_FLUSH acknowledges when the kernel has the bytes, SYNC_FLUSH when the disk has them.',
  },
  flushCommitLogDirect: { kind: 'boolean', default: true, note: 'Not one of Apache\'s. SYNC_FLUSH: whether the commit log is written past the page cache, where the file system can: half of the processor time that write and fdatasync take the system, but readers behind hotTailBytes read from the disk.' },
  flushIntervalCommitLog: { kind: 'int', default: 500, min: 1, unit: 'ms', live: true, important: true, note: 'ASYNC_FLUSH: time between two looks at whether the commit log has to be flushed.' },
  flushCommitLogLeastPages: { kind: 'int', default: 4, min: 0, unit: 'pages', live: true, note: 'ASYNC_FLUSH: with fewer pages of 4 KiB written since the last one, a flush waits for flushCommitLogThoroughInterval.' },
  flushCommitLogThoroughInterval: { kind: 'int', default: 10_000, min: 1, unit: 'ms', live: true, note: 'ASYNC_FLUSH: after this long everything is flushed, however little it is.' },
  syncFlushTimeout: { kind: 'int', default: 5000, min: 1, unit: 'ms', live: true, note: 'SYNC_FLUSH: answered with FLUSH_DISK_TIMEOUT after this long.' },
  flushIntervalConsumeQueue: { kind: 'int', default: 1000, min: 1, unit: 'ms', live: true, note: 'Time between two flushes of the consume queues.' },
  maxMessageSize: { kind: 'int', default: 4 * 1024 * 1024, min: 1, unit: 'bytes', live: true, note: 'Largest body accepted.' },
  maxTransferCountOnMessageInMemory: { kind: 'int', default: 32, min: 1, live: true, important: true, note: 'Most messages of one pull.' },
  maxTransferBytesOnMessageInMemory: { kind: 'int', default: 256 * 1024, min: 1, unit: 'bytes', live: true, important: true, note: 'Most bytes of one pull.' },
  accessMessageInMemoryMaxRatio: { kind: 'int', default: 40, min: 0, max: 100, unit: 'percent', live: true, important: true, note: 'Messages nearer to the end of the log than this share of the machine\'s memory are taken to be in memory, the others on the disk.' },
  maxTransferCountOnMessageInDisk: { kind: 'int', default: 8, min: 1, live: true, important: true, note: 'Most messages of one pull, of those on the disk.' },
  maxTransferBytesOnMessageInDisk: { kind: 'int', default: 64 * 1024, min: 1, unit: 'bytes', live: true, important: true, note: 'Most bytes of one pull, of messages on the disk.' },
  hotTailBytes: { kind: 'long', default: 64 * 1024 * 1024, min: 1024 * 1024, unit: 'bytes', note: 'Not one of Apache\'s. Newest bytes of the commit log kept in memory, for consumers that keep up.' },
  coldReadCacheBytes: { kind: 'long', default: 16 * 1024 * 1024, min: 0, unit: 'bytes', note: 'Not one of Apache\'s. Bytes of older log kept in memory after they were read, for the other queues and the next pulls of consumers that catch up; 0 keeps none.' },
  maxOpenFiles: { kind: 'int', default: 512, min: 16, unit: 'files', note: 'Not one of Apache\'s. File descriptors held for consume queues, index and old log files; the least recently used are closed first.' },
  damagedLogPolicy: {
    kind: 'enum', values: ['QUARANTINE', 'STOP'], default: 'QUARANTINE',
    note: 'Not one of Apache\'s. When recovery finds records behind a damaged one: QUARANTINE keeps them in <storePathRootDir>/damaged and cuts the log there, STOP refuses to start.',
  },

  fileReservedTime: { kind: 'int', default: 72, min: 1, max: 876_000, unit: 'h', live: true, important: true, note: 'Files of the commit log are deleted this long after their last message.' },
  deleteWhen: { kind: 'string', default: '04', live: true, important: true, note: 'Hours of the day, local time, at which expired files are deleted: 04, or 04;12.' },
  cleanResourceInterval: { kind: 'int', default: 10_000, min: 100, unit: 'ms', live: true, note: 'Time between two looks at the age of files and the space left.' },
  diskMaxUsedSpaceRatio: { kind: 'int', default: 75, min: 10, max: 95, unit: 'percent', live: true, note: 'With more of the partition used, expired files are deleted at any hour.' },
  cleanFileForciblyEnable: { kind: 'boolean', default: true, live: true, important: true, note: 'Whether the oldest files are deleted, whatever their age, above diskSpaceCleanForciblyRatio.' },
  diskSpaceCleanForciblyRatio: {
    kind: 'int', default: 85, min: 30, max: 100, unit: 'percent', live: true,
    note: 'With more of the partition used, the oldest files are deleted whatever their age; a system property in 4.9.',
  },
  diskSpaceWarningLevelRatio: {
    kind: 'int', default: 90, min: 35, max: 100, unit: 'percent', live: true,
    note: 'With more of the partition used, sends are refused until space is free again; a system property in 4.9.',
  },
  deleteCommitLogFilesInterval: { kind: 'int', default: 100, min: 0, unit: 'ms', live: true, aliases: ['deletePhysicFilesInterval'], note: 'Pause between two deletions of commit log files.' },
  deleteConsumeQueueFilesInterval: { kind: 'int', default: 100, min: 0, unit: 'ms', live: true, note: 'Pause between two deletions of consume queue or index files.' },
  deleteFileBatchMax: { kind: 'int', default: 10, min: 1, live: true, important: true, note: 'Most commit log files deleted in one pass.' },
  destroyMapedFileIntervalForcibly: { kind: 'int', default: 120_000, min: 0, unit: 'ms', live: true, note: 'A file that is due waits at most this long for reads of it that are under way.' },
  redeleteHangedFileInterval: { kind: 'int', default: 120_000, min: 1000, unit: 'ms', live: true, note: 'Time between two tries to delete a file that could not be deleted.' },

  messageDelayLevel: {
    kind: 'string', default: '1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h',
    note: 'Delays of the levels 1, 2, 3 ...; units are s, m, h and d.',
  },
  flushDelayOffsetInterval: { kind: 'int', default: 10_000, min: 100, unit: 'ms', note: 'Time between two writes of how far delayed messages are delivered.' },

  timerWheelEnable: { kind: 'boolean', default: true, note: 'Whether messages may ask for any instant of delivery; without, they are refused.' },
  timerMaxDelaySec: { kind: 'int', default: 259_200, min: 1, max: 31_536_000, unit: 's', live: true, note: 'Longest delay that a message may ask for.' },
  timerRollWindowSlot: {
    kind: 'int', default: 172_800, min: 2, max: 604_740, unit: 'entries',
    note: 'Messages that wait longer are appended to the log once more after so many slots, or it would have to be kept as long. Default: 172800, or half of fileReservedTime where that is not longer.',
  },
  timerPrecisionMs: { kind: 'int', default: 1000, min: 10, max: 60_000, unit: 'ms', note: 'Length of a slot of the timer wheel; 1000 is what Apache\'s files have. Messages are delivered at their own millisecond.' },
  mappedFileSizeTimerLog: { kind: 'int', default: 100 * 1024 * 1024, min: 4096, unit: 'bytes', note: 'Size of a file of the timer log.' },
  timerFlushIntervalMs: { kind: 'int', default: 1000, min: 10, unit: 'ms', note: 'Time between two writes of how far the timer is.' },
  timerCongestNumEachSlot: { kind: 'int', default: 2_147_483_647, min: 1, live: true, note: 'From so many messages in one slot on some sends are refused, from twice as many on all.' },
  timerStopEnqueue: { kind: 'boolean', default: false, live: true, note: 'Leaves new messages in the timer\'s queue for the time being.' },
  timerStopDequeue: { kind: 'boolean', default: false, live: true, note: 'Delivers nothing that waits for its instant for the time being.' },

  messageIndexEnable: { kind: 'boolean', default: true, important: true, note: 'Whether messages can be found by key and unique key.' },
  maxHashSlotNum: { kind: 'int', default: 5_000_000, min: 1, max: 100_000_000, unit: 'entries', note: 'Hash slots of an index file.' },
  maxIndexNum: { kind: 'int', default: 20_000_000, min: 2, max: 100_000_000, unit: 'entries', note: 'Keys of an index file, rounded down by one: the first place stays empty.' },
  maxMsgsNumBatch: { kind: 'int', default: 64, min: 1, live: true, note: 'Most messages of one query by key.' },
  defaultQueryMaxNum: { kind: 'int', default: 32, min: 1, live: true, note: 'Most messages of a query by unique key.' },

  enableConsumeQueueExt: { kind: 'boolean', default: false, note: 'Whether each queue has files with store time, tags code and filter bit map of its messages (consumequeue_ext).' },
  mappedFileSizeConsumeQueueExt: { kind: 'int', default: 48 * 1024 * 1024, min: 1024, unit: 'bytes', note: 'Size of a file of consumequeue_ext.' },
  enabledAppendPropCRC: { kind: 'boolean', default: false, note: 'Whether records end with a checksum of everything before it, as 5.x writes it.' },
  forceVerifyPropCRC: { kind: 'boolean', default: false, note: 'Whether a record without such a checksum, or with a wrong one, counts as damaged.' },
});

/** Every key of the store that takes effect, with its value. docs/configuration.md explains each. */
export type StoreConfig = ConfigOf<typeof storeConfigTable>;
