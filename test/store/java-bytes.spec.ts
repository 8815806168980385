import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeMessage, propertyOf, tagsCode, type MessageRecord } from '../../libs/protocol/src/message/index.js';
import type { AppendMessage, AppendResult, MessageStore } from '../../libs/store/src/index.js';
import { StoreDirectory, createManualClock, type ManualClock } from '../../libs/testkit/src/index.js';

// Directories that Apache's own message store wrote with records of every kind (record-java-stores.mjs, StorePeer.java).
// What stands in the records is given to our store, which must come to the same bytes.

const fixtures = join(process.cwd(), 'test/store/fixtures');

let directory: StoreDirectory;
beforeEach(() => void (directory = new StoreDirectory()));
afterEach(() => directory.remove());

/** All records of a log, in order. */
function recordsOf(name: string): MessageRecord[] {
  const records: MessageRecord[] = [];
  for (const file of filesBelow(join(fixtures, name, 'commitlog'))) {
    const bytes = readFileSync(join(fixtures, name, 'commitlog', file));
    for (let at = 0; at + 8 <= bytes.length;) {
      const size = bytes.readInt32BE(at);
      const isBlank = bytes.readInt32BE(at + 4) === -875286124;
      if (size === 0 || isBlank) break;
      records.push(decodeMessage(bytes, at));
      at += size;
    }
  }
  return records;
}

function filesBelow(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort();
}

/** Levels 1, 2 and 3 of messageDelayLevel. */
const delays = [1000, 5000, 10_000];

function messageOf(record: MessageRecord, hasChecksum: boolean): AppendMessage {
  const { topic, queueId, flag, sysFlag, bornTimestamp, bornHost, storeHost, reconsumeTimes, body } = record;
  const properties = hasChecksum ? record.properties.slice(0, -20) : record.properties;
  const value = (key: string): string | undefined => propertyOf(properties, key);
  const delay = topic === 'SCHEDULE_TOPIC_XXXX' ? delays[Number(value('DELAY')) - 1] : undefined;
  return {
    ...{ topic, queueId, flag, sysFlag, bornTimestamp, bornHost, storeHost, reconsumeTimes, body, properties },
    preparedTransactionOffset: record.preparedTransactionOffset,
    tagsCode: delay === undefined ? tagsCode(value('TAGS')) : record.storeTimestamp + delay,
    waitForFlush: true,
  };
}

/** Appends what the records say, at the times they say; three of topic Batch came as one batch. */
async function replay(
  store: MessageStore,
  clock: ManualClock,
  records: readonly MessageRecord[],
  hasChecksum: boolean,
) {
  for (let i = 0; i < records.length;) {
    const [first] = records.slice(i) as [MessageRecord];
    const count = first.topic === 'Batch' ? 3 : 1;
    const messages = records.slice(i, (i += count)).map((record) => messageOf(record, hasChecksum));
    clock.jump(first.storeTimestamp - clock.now());
    const result = await new Promise<AppendResult>((resolve) =>
      count === 1 ? store.append(messages[0] as AppendMessage, resolve) : store.appendBatch(messages, resolve),
    );
    expect(result).toMatchObject({ status: 'OK', physicalOffset: first.physicalOffset });
  }
}

describe.each([
  ['java-4-9-7-kinds', {}],
  ['java-5-3-3-kinds', {}],
  ['java-5-3-3-extended', { enabledAppendPropCRC: true, enableConsumeQueueExt: true }],
])('%s', (name, options) => {
  it('has records of every kind', () => {
    const records = recordsOf(name);
    const flags = new Set(records.map(({ sysFlag }) => sysFlag));
    // Plain; compressed; prepared, committed, rolled back; hosts of IPv6.
    expect([...flags].sort((a, b) => a - b)).toEqual([0, 1, 4, 8, 12, 16, 48]);
    const topics = ['%RETRY%group', 'Batch', 'Hosts', 'Normal', 'RMQ_SYS_TRANS_HALF_TOPIC', 'SCHEDULE_TOPIC_XXXX'];
    expect([...new Set(records.map(({ topic }) => topic))].sort()).toEqual(topics);
    expect(records.some(({ body }) => body.length === 0)).toBe(true);
    expect(filesBelow(join(fixtures, name, 'commitlog'))).toHaveLength(2);
  });

  it.each(['commitlog'])('%s comes to the same bytes', async (part) => {
    const clock = createManualClock();
    const config = {
      ...{ mappedFileSizeCommitLog: 16 * 1024, mappedFileSizeConsumeQueue: 400, mappedFileSizeConsumeQueueExt: 1024 },
      ...{ maxHashSlotNum: 20, maxIndexNum: 100, ...options },
    };
    const store = await directory.start(config, { clock });
    await replay(store, clock, recordsOf(name), 'enabledAppendPropCRC' in options);
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
