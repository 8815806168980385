import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  StoreDirectory,
  createManualClock,
  filesBelow,
  recordsInLog,
  replayRecords,
  storePeerFiles,
} from '../../libs/testkit/src/index.js';

// Directories that Apache's own message store wrote with records of every kind (record-java-stores.mjs, StorePeer.java).
// What stands in the records is given to our store, which must come to the same bytes.

const fixtures = join(process.cwd(), 'test/store/fixtures');

let directory: StoreDirectory;
beforeEach(() => void (directory = new StoreDirectory()));
afterEach(() => directory.remove());

describe.each([
  ['java-4-9-7-kinds', {}],
  ['java-5-3-3-kinds', {}],
  ['java-5-3-3-extended', { enabledAppendPropCRC: true, enableConsumeQueueExt: true }],
])('%s', (name, options) => {
  it('has records of every kind', () => {
    const records = recordsInLog(join(fixtures, name, 'commitlog'));
    const flags = new Set(records.map(({ sysFlag }) => sysFlag));
    // Plain; compressed; prepared, committed, rolled back; hosts of IPv6.
    expect([...flags].sort((a, b) => a - b)).toEqual([0, 1, 4, 8, 12, 16, 48]);
    const topics = ['%RETRY%group', 'Batch', 'Hosts', 'Normal', 'RMQ_SYS_TRANS_HALF_TOPIC', 'SCHEDULE_TOPIC_XXXX'];
    expect([...new Set(records.map(({ topic }) => topic))].sort()).toEqual(topics);
    expect(records.some(({ body }) => body.length === 0)).toBe(true);
    expect(filesBelow(join(fixtures, name, 'commitlog'))).toHaveLength(2);
  });

  it.each(['commitlog', 'consumequeue', 'consumequeue_ext', 'index'])('%s comes to the same bytes', async (part) => {
    const clock = createManualClock();
    const store = await directory.start({ ...storePeerFiles, ...options }, { clock });
    await replayRecords(store, clock, recordsInLog(join(fixtures, name, 'commitlog')), options);
    await store.close();
    const theirs = join(fixtures, name, part);
    const ours = join(directory.path, part);
    if (!existsSync(theirs)) return expect(existsSync(ours)).toBe(false);
    const files = filesBelow(theirs);
    // Index files are named after the clock.
    const sameNames = part === 'index' ? filesBelow(ours) : files;
    expect(filesBelow(ours)).toEqual(sameNames);
    for (const [i, file] of files.entries()) {
      const found = readFileSync(join(ours, sameNames[i] as string));
      expect([file, firstDifference(found, readFileSync(join(theirs, file)))]).toEqual([file, undefined]);
    }
  });
});

function firstDifference(a: Buffer, b: Buffer): string | undefined {
  if (a.length !== b.length) return `${a.length} bytes instead of ${b.length}`;
  const at = a.findIndex((byte, i) => byte !== b[i]);
  if (at < 0) return undefined;
  const around = (bytes: Buffer): string => bytes.subarray(Math.max(0, at - 8), at + 24).toString('hex');
  return `at ${at}: ${around(a)} instead of ${around(b)}`;
}
