import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
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
  type PeerStore,
} from '../../../libs/testkit/src/index.js';

// One directory, opened by our store and by Apache's, without brokers: records of every kind, after a clean stop and
// after the end of the process in the middle of it.

const ends = ['stopped', 'killed'] as const;
type End = (typeof ends)[number];

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
    let cases: Case[] = [];
    const caseOf = (name: string, end: End): Case => {
      const found = cases.find((each) => each.flavour.name === name && each.end === end);
      if (!found) throw new Error(`no case ${name}, ${end}`);
      return found;
    };
    // At once: a JVM for each would take many times longer than what it does.
    beforeAll(async () => {
      cases = flavours[version].flatMap((flavour) => ends.map((end) => new Case(flavour, end)));
      const written = ends.map((end) =>
        runStorePeer(
          version,
          'write',
          cases.filter((each) => each.end === end).map((each) => each.toWrite),
        ),
      );
      for (const each of cases) await each.writeOurs();
      await Promise.all(written);
      for (const each of cases) each.java.duplicate();
      const read = await runStorePeer(
        version,
        'read',
        cases.flatMap((each) => each.toRead),
      );
      for (const [i, each] of cases.entries()) [each.oursRead, each.javaRead] = [read[2 * i], read[2 * i + 1]];
    });
    afterAll(async () => {
      for (const each of cases) await each.remove();
    });

    for (const { name } of flavours[version]) {
      it.each(ends)(`reads what ours wrote, ${name}, %s`, async (end) => {
        const { settings, ours, oursRead, expected } = caseOf(name, end);
        expect(ours.aborted).toBe(end === 'killed');
        expect(oursRead).toEqual([...expected, expect.stringMatching(/^next 20 \d+$/)]);
        // And back: what Java added is there.
        const again = await ours.copy.start(settings);
        expect(again.maxOffset('Normal', 0)).toBe(21);
      });

      it.each(ends)(`wrote what ours reads, ${name}, %s`, async (end) => {
        const { settings, java, javaRead } = caseOf(name, end);
        expect(java.aborted).toBe(end === 'killed');
        const store = await java.original.start(settings);
        const found = await linesOf(store);
        const { queueOffset, physicalOffset } = await appendOne(store, { topic: 'Normal' });
        expect([...found, `next ${queueOffset} ${physicalOffset}`]).toEqual(javaRead);
      });
    }
  });
}

/** A directory as its writer left it, and a copy for who reads it first. */
class Twins {
  readonly original = new StoreDirectory();
  readonly copy = new StoreDirectory();
  /** Whether the writer did not come to its end. */
  aborted: boolean | undefined;

  duplicate(): void {
    cpSync(this.original.path, this.copy.path, { recursive: true });
    this.aborted = existsSync(join(this.copy.path, 'abort'));
  }

  async remove(): Promise<void> {
    await this.original.remove();
    await this.copy.remove();
  }
}

/** Written by ours and by Java's, and what Java's read of a copy of each. */
class Case {
  readonly settings: Partial<StoreConfig>;
  readonly ours = new Twins();
  readonly java = new Twins();
  /** What ours says of its own. */
  expected: readonly string[] = [];
  oursRead: readonly string[] | undefined;
  javaRead: readonly string[] | undefined;

  constructor(
    readonly flavour: Flavour,
    readonly end: End,
  ) {
    this.settings = { ...storePeerFiles, ...flavour.config };
  }

  get toWrite(): PeerStore {
    const halt = this.end === 'killed' ? ['halt'] : [];
    return { directory: this.java.original.path, options: [...this.flavour.options, ...halt] };
  }

  get toRead(): PeerStore[] {
    const { options } = this.flavour;
    return [this.ours, this.java].map(({ copy }) => ({ directory: copy.path, options }));
  }

  async writeOurs(): Promise<void> {
    const { fixture, config } = this.flavour;
    const records = recordsInLog(join('test/store/fixtures', fixture, 'commitlog'));
    const clock = createManualClock();
    const store = await this.ours.original.start(this.settings, { clock });
    await replayRecords(store, clock, records, config);
    this.expected = await linesOf(store);
    if (this.end === 'stopped') await store.close();
    this.ours.duplicate();
  }

  async remove(): Promise<void> {
    await this.ours.remove();
    await this.java.remove();
  }
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
