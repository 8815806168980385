import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hostBytes, propertyOf, type MessageRecord } from '../../../libs/protocol/src/message/index.js';
import type { MessageStore, StoreConfig } from '../../../libs/store/src/index.js';
import {
  StoreDirectory,
  appendOne,
  createManualClock,
  readQueue,
  recordsInLog,
  replayRecords,
  runStorePeer,
  sha1,
  storePeerFiles,
  type ApacheVersion,
} from '../../../libs/testkit/src/index.js';

// One directory, opened by our store and by Apache's, without brokers: records of every kind, after a clean stop and
// after the end of the process in the middle of it.

const ends = ['stopped', 'killed'] as const;

const queues = [
  ['%RETRY%group', 0],
  ['Batch', 0],
  ['Hosts', 0],
  ['Normal', 0],
  ['Normal', 1],
  ['Normal', 2],
  ['RMQ_SYS_TRANS_HALF_TOPIC', 0],
  ['SCHEDULE_TOPIC_XXXX', 2],
] as const;

interface Flavour {
  readonly name: string;
  /** Records of every kind as Java made them. */
  readonly fixture: string;
  readonly config: Partial<StoreConfig>;
  /** Of StorePeer. */
  readonly options: readonly string[];
}

const plain = { name: 'as by default', config: {}, options: [] };
const flavours: Record<ApacheVersion, Flavour[]> = {
  // 4.9.7 knows no checksums, and a directory with extended queues is no different there.
  '4.9.7': [{ ...plain, fixture: 'java-4-9-7-kinds' }],
  '5.3.3': [
    { ...plain, fixture: 'java-5-3-3-kinds' },
    {
      name: 'with consumequeue_ext and checksums',
      fixture: 'java-5-3-3-extended',
      config: { enableConsumeQueueExt: true, enabledAppendPropCRC: true },
      options: ['ext', 'crc'],
    },
  ],
};

export function describeStoreKinds(version: ApacheVersion): void {
  describe(`stores with records of every kind, Apache's store of ${version}`, () => {
    let directory: StoreDirectory;
    let copy: StoreDirectory;
    beforeEach(() => {
      directory = new StoreDirectory();
      copy = new StoreDirectory();
    });
    afterEach(async () => {
      await directory.remove();
      await copy.remove();
    });
    const duplicate = (): void => cpSync(directory.path, copy.path, { recursive: true });

    for (const { name, fixture, config, options } of flavours[version]) {
      const settings = { ...storePeerFiles, ...config };

      it.each(ends)(`reads what ours wrote, ${name}, %s`, async (end) => {
        const records = recordsInLog(join('test/store/fixtures', fixture, 'commitlog'));
        const clock = createManualClock();
        const store = await directory.start(settings, { clock });
        await replayRecords(store, clock, records, config);
        const expected = await linesOf(store);
        if (end === 'stopped') await store.close();
        duplicate();
        expect(existsSync(join(copy.path, 'abort'))).toBe(end === 'killed');
        expect(await runStorePeer(version, 'read', copy.path, options)).toEqual([
          ...expected,
          expect.stringMatching(/^next 20 \d+$/),
        ]);
        // And back: what Java added is there.
        const again = await copy.start(settings);
        expect(again.maxOffset('Normal', 0)).toBe(21);
      });

      it.each(ends)(`wrote what ours reads, ${name}, %s`, async (end) => {
        await runStorePeer(version, 'write', directory.path, [...options, ...(end === 'killed' ? ['halt'] : [])]);
        expect(existsSync(join(directory.path, 'abort'))).toBe(end === 'killed');
        duplicate();
        const expected = await runStorePeer(version, 'read', copy.path, options);
        const store = await directory.start(settings);
        const found = await linesOf(store);
        const { queueOffset, physicalOffset } = await appendOne(store, { topic: 'Normal' });
        expect([...found, `next ${queueOffset} ${physicalOffset}`]).toEqual(expected);
      });
    }
  });
}

/** What StorePeer prints of a store, which looks into the directory: that may come later than the messages. */
async function linesOf(store: MessageStore): Promise<string[]> {
  const lines: string[] = [];
  for (const [topic, queueId] of queues) {
    lines.push(`queue ${topic} ${queueId} ${store.minOffset(topic, queueId)} ${store.maxOffset(topic, queueId)}`);
    lines.push(...(await readQueue(store, topic, queueId)).map(lineOf));
  }
  return lines;
}

function lineOf(record: MessageRecord): string {
  const { topic, queueId, queueOffset, physicalOffset, totalSize, body, bornHost, reconsumeTimes, sysFlag } = record;
  const place = [topic, queueId, queueOffset, physicalOffset, totalSize].join(' ');
  const host = hostBytes(bornHost.ip).toString('hex');
  const labels = ['TAGS', 'KEYS'].map((name) => propertyOf(record.properties, name) ?? 'null').join(' ');
  return `message ${place} ${sha1(body)} ${host} ${reconsumeTimes} ${sysFlag} ${labels}`;
}
