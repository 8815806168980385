import { expect, it } from '@jest/globals';
import { nextTurn } from '../../../common/src/index.js';
import { createMemoryDisk, seededRandom, storeMessage } from '../../../testkit/src/index.js';
import type { DirectDisk } from '../disk/disk.js';
import { FilePool } from '../disk/file-pool.js';
import { CommitLog } from './commit-log.js';

const directory = '/log';
const segmentSize = 128 * 1024;
/** No whole number of blocks, and few enough chunks in memory for each to serve again soon. */
const chunkSize = 9_000;
const topic = Buffer.from('TopicTest');

function openLog(disk: DirectDisk, offset: number, wantsDirect = true): CommitLog {
  const log = new CommitLog(disk, new FilePool(disk, 16), {
    directory,
    segmentSize,
    chunkSize,
    cacheSize: 2 * chunkSize,
    hasChecksum: false,
    preparedBytes: 8192,
    wantsDirect,
  });
  log.segments.load();
  log.resume(offset);
  expect(log.isDirect).toBe(wantsDirect);
  return log;
}

/** The files of a log, one behind the other. */
function logBytes({ files }: ReturnType<typeof createMemoryDisk>): Buffer {
  const paths = [...files.keys()].filter((path) => path.startsWith(directory)).sort();
  return Buffer.concat(paths.map((path) => files.get(path)?.contents() as Buffer));
}

it.each([
  ['memory that direct writes can begin at', Infinity],
  ['such memory for some chunks', 6],
  ['no such memory but that of the writer', 1],
])('the files have what was synced and nothing else, at every moment: %s', async (_name, pieces) => {
  const random = seededRandom(3);
  const below = (count: number): number => Math.floor(random() * count);
  const memory = createMemoryDisk();
  let given = 0;
  const disk: DirectDisk = {
    ...memory,
    directMemory: (bytes) => (++given > pieces ? undefined : Buffer.alloc(bytes)),
    // The medium takes the bytes late: what changes until then is seen.
    async writeDirect(...write) {
      await nextTurn();
      await nextTurn();
      await memory.writeDirect(...write);
    },
  };
  const expected = createMemoryDisk();
  const reference = openLog(expected, 0, false);
  let log = openLog(disk, 0);
  const appendSome = (count: number): void => {
    for (let i = 0; i < count; i++) {
      const body = Buffer.alloc(below(below(8) ? 400 : 6000), 1 + below(255));
      const message = storeMessage({ body });
      log.append(message, topic, i, 1);
      reference.append(message, topic, i, 1);
    }
    log.write();
    reference.write();
  };
  for (let round = 0; round < 400; round++) {
    appendSome(below(20));
    const syncing = log.sync();
    for (let turns = below(4); turns > 0; turns--) {
      appendSome(below(5));
      await nextTurn();
    }
    await syncing;
    const wanted = logBytes(expected);
    wanted.fill(0, log.flushedOffset);
    const found = logBytes(memory);
    expect([round, found.length, found.compare(wanted, 0, found.length)]).toEqual([round, found.length, 0]);
    expect(wanted.length).toBe(found.length);
    // Some chunks are in somebody's hands, and so leave for good.
    if (below(3) === 0) log.cached(log.flushedOffset - 1);
    if (below(40) > 0) continue;
    await log.sync();
    log.close();
    given = 0;
    log = openLog(disk, log.flushedOffset);
  }
  expect(logBytes(memory).length).toBeGreaterThan(10 * segmentSize);
});
