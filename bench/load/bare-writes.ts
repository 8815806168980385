/*
 * The process that does nothing but write, in the way of the commit log. Argument: one JSON text, see BareWritesConfig. Prints
 * one JSON line, see BareWritesSample. What is left of a store's writes when the store is taken away.
 */
import { configDefaults } from '../../libs/common/src/index.js';
import { directBlock, hasDirectWrites, nodeDisk, storeConfigTable } from '../../libs/store/src/index.js';

export interface BareWritesConfig {
  readonly directory: string;
  /** Each write is on the medium before the next one: past the page cache where that can be had. Otherwise as often as the store syncs. */
  readonly isSync: boolean;
  readonly bytesPerWrite: number;
  /** Milliseconds. */
  readonly measure: number;
}

export interface BareWritesSample {
  /** User+system time of the process, microseconds. */
  readonly cpuPerWrite: number;
}

type Write = (at: number) => Promise<void>;

const { mappedFileSizeCommitLog: fileSize, flushIntervalCommitLog: syncInterval } = configDefaults(storeConfigTable);

/** Resolves to the number of writes. */
async function writeOn({ directory, isSync, bytesPerWrite, measure }: BareWritesConfig): Promise<number> {
  const path = `${directory}/bare-writes`;
  nodeDisk.makeDirectory(directory);
  const file = nodeDisk.open(path, true);
  nodeDisk.truncate(file, fileSize);
  const size = Math.ceil(bytesPerWrite / directBlock) * directBlock;
  const direct = isSync ? directWrite(directory, path, size) : undefined;
  const write = direct ?? cachedWrite(file, Math.ceil(bytesPerWrite), isSync ? 0 : syncInterval);
  const startedAt = performance.now();
  let count = 0;
  for (let at = 0; performance.now() - startedAt < measure; count++, at += size) {
    if (at + size > fileSize) at = 0;
    await write(at);
  }
  nodeDisk.close(file);
  return count;
}

function directWrite(directory: string, path: string, size: number): Write | undefined {
  const disk = nodeDisk;
  if (!hasDirectWrites(disk)) return undefined;
  const memory = disk.directMemory(size)?.fill('x');
  if (!memory || !disk.takesDirect(directory, [memory])) return undefined;
  const file = disk.openDirect(path);
  return (at) => disk.writeDirect(file, [memory], at);
}

/** @param interval milliseconds from one sync to the next */
function cachedWrite(file: number, size: number, interval: number): Write {
  const memory = Buffer.alloc(size, 'x');
  let syncedAt = performance.now();
  return async (at) => {
    nodeDisk.writeSync(file, memory, at);
    if (performance.now() - syncedAt < interval) return;
    syncedAt = performance.now();
    await nodeDisk.fdatasync(file);
  };
}

const cpuBefore = process.cpuUsage();
const count = await writeOn(JSON.parse(process.argv[2] ?? '{}') as BareWritesConfig);
const { user, system } = process.cpuUsage(cpuBefore);
const sample: BareWritesSample = { cpuPerWrite: (user + system) / count };
process.stdout.write(`${JSON.stringify(sample)}\n`);
