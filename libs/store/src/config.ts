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
  flushIntervalCommitLog: { kind: 'int', default: 500, min: 1, unit: 'ms', live: true, important: true, note: 'ASYNC_FLUSH: time between two fdatasync of the commit log.' },
  syncFlushTimeout: { kind: 'int', default: 5000, min: 1, unit: 'ms', live: true, note: 'SYNC_FLUSH: answered with FLUSH_DISK_TIMEOUT after this long.' },
  flushIntervalConsumeQueue: { kind: 'int', default: 1000, min: 1, unit: 'ms', live: true, note: 'Time between two flushes of the consume queues.' },
  maxMessageSize: { kind: 'int', default: 4 * 1024 * 1024, min: 1, unit: 'bytes', live: true, note: 'Largest body accepted.' },
  maxTransferCountOnMessageInMemory: { kind: 'int', default: 32, min: 1, live: true, important: true, note: 'Most messages of one pull.' },
  maxTransferBytesOnMessageInMemory: { kind: 'int', default: 256 * 1024, min: 1, unit: 'bytes', live: true, important: true, note: 'Most bytes of one pull.' },
});

export type StoreConfig = ConfigOf<typeof storeConfigTable>;
