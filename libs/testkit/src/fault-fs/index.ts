/*
 * FaultFs: the store's `Disk` for tests, in parts that are put around each other.
 *
 *   memory-disk     a file system in memory, copied in microseconds
 *   faulty-disk     around any disk: errors, short writes, lost and late fsyncs at chosen calls
 *   recording-disk  over a memory disk: remembers every change and which of them a sync covered
 *   crash-image     from such a record: what a kill or a power cut at any moment leaves
 *   table-disk      the file system of the broker's tables, on any of them
 */
export * from './crash-image.js';
export * from './faulty-disk.js';
export * from './memory-disk.js';
export * from './memory-file.js';
export * from './recording-disk.js';
export * from './table-disk.js';
