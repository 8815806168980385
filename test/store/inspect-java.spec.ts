import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  dumpRecords,
  inspectStore,
  verifyStore,
  type DumpedRecord,
  type StoreVerdict,
} from '../../libs/store/src/index.js';

// Stores that Apache's brokers wrote, whole and damaged. java-4-9-7-indexed: 60 messages with a unique id and two keys
// each, one of them delayed and one half; files of 16,384 bytes of log, 50 entries, 20 slots and 80 index items.

const fixtures = join(process.cwd(), 'test/store/fixtures');
const logFile = 'commitlog/00000000000000000000';
const queueFile = 'consumequeue/JavaTopic/1/00000000000000000000';

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'inspect-'))));
afterEach(() => rmSync(directory, { recursive: true }));

function take(name: string): void {
  cpSync(join(fixtures, name), directory, { recursive: true });
}

function change(file: string, edit: (bytes: Buffer) => void): void {
  const path = join(directory, file);
  const bytes = readFileSync(path);
  edit(bytes);
  writeFileSync(path, bytes);
}

/** What is said of each place, as "file@byte". */
function faultsOf({ findings }: StoreVerdict): Record<string, string> {
  const faults: Record<string, string> = {};
  for (const { kind, file, at, what } of findings) {
    const place = `${file}@${at}`;
    if (kind === 'fault') faults[place] = faults[place] === undefined ? what : `${faults[place]}; ${what}`;
  }
  return faults;
}

async function records(options: object = {}): Promise<DumpedRecord[]> {
  const found: DumpedRecord[] = [];
  await dumpRecords(
    { directory, ...options },
    { onRecord: (record) => found.push(record) > 0, onDamage: () => undefined },
  );
  return found;
}

/** Physical offset of the record of message `id` of the indexed store. */
async function offsetOf(id: number): Promise<number> {
  const [record] = await records({ key: `order${id}` });
  return record?.physicalOffset ?? -1;
}

describe('stores of Apache RocketMQ', () => {
  it.each([
    ['java-4-9-7-stopped', 80, 4, 0, true],
    ['java-5-3-3-killed', 80, 4, 0, false],
    ['java-4-9-7-indexed', 60, 4, 180, true],
  ])('%s is whole', async (name, count, queues, indexItems, isAtRest) => {
    take(name);
    const verdict = await verifyStore({ directory });
    expect(faultsOf(verdict)).toEqual({});
    expect(verdict).toMatchObject({ records: count, queueEntries: count, queues, indexItems, isAtRest, notes: 0 });
  });

  it('tells what is in one', async () => {
    take('java-4-9-7-indexed');
    const summary = await inspectStore({ directory });
    expect(summary.log).toMatchObject({ files: 1, fileSize: 16_384, minOffset: 0 });
    expect(summary.queues.map(({ topic, queueId, count }) => `${topic}/${queueId} ${count}`)).toEqual([
      'JavaTopic/0 29',
      'JavaTopic/1 29',
      'RMQ_SYS_TRANS_HALF_TOPIC/0 1',
      'SCHEDULE_TOPIC_XXXX/2 1',
    ]);
    expect(summary.index.map(({ keys }) => keys)).toEqual([79, 79, 22]);
    expect(summary.index[2]?.fill).toBeCloseTo(23 / 80);
    expect(summary.checkpoint).toMatchObject({ own: 'absent', masterFlushedOffset: 0 });
    expect([summary.abort, summary.checkpoint?.physicMsgTimestamp]).toEqual([undefined, summary.log.lastStoreTime]);
    const last = (await records()).at(-1);
    expect(summary.log.maxOffset).toBe((last?.physicalOffset ?? 0) + (last?.size ?? 0));
  });

  it('shows its records', async () => {
    take('java-4-9-7-indexed');
    const all = await records();
    expect(all).toHaveLength(60);
    expect(all[20]).toMatchObject({
      topic: 'JavaTopic',
      queueId: 0,
      queueOffset: 10,
      keys: 'order20 customer6',
      tags: 'Tag2',
    });
    expect(all[20]?.body.toString()).toBe('message 20');
    expect(await records({ topic: 'JavaTopic', queueId: 1, from: 3, to: 5 })).toEqual([all[7], all[9], all[11]]);
    expect(await records({ key: 'customer2', topic: 'JavaTopic', limit: 2 })).toEqual([all[2], all[9]]);
    expect(await records({ key: all[33]?.uniqueKey })).toEqual([all[33]]);
    expect(await records({ physicalOffset: all[58]?.physicalOffset })).toEqual(all.slice(58));
    await expect(records({ physicalOffset: 17 })).rejects.toThrow('no record starts at physical offset 17');
  });
});

describe('a damaged log', () => {
  beforeEach(() => take('java-4-9-7-indexed'));

  it.each([
    ['size', 0, 'total size'],
    ['magic', 4, 'magic'],
    ['CRC', 8, 'CRC of the body differs'],
    ['queue id', 15, undefined],
    ['physical offset', 35, 'physical offset'],
    ['body', 88, 'CRC of the body differs'],
  ])('names the record whose %s was changed', async (_field, byte, reason) => {
    const offset = await offsetOf(30);
    change(logFile, (bytes) => void (bytes[offset + byte] = (bytes[offset + byte] as number) ^ 0x10));
    const faults = faultsOf(await verifyStore({ directory }));
    // A wrong queue id leaves a record that no entry of its queue stands for.
    if (reason === undefined)
      expect(Object.values(faults).join()).toContain('JavaTopic/16 has no files, but 1 records');
    else expect(faults[`${logFile}@${offset}`]).toContain(`no whole record: ${reason}`);
    expect(Object.keys(faults).length).toBeGreaterThan(1);
  });

  it('goes on behind it, and says what recovery would do', async () => {
    const offset = await offsetOf(30);
    const next = await offsetOf(31);
    change(logFile, (bytes) => void bytes.fill(0, offset, offset + 50));
    const { findings, records: count } = await verifyStore({ directory });
    const finding = findings.find(({ area }) => area === 'commitlog');
    expect(count).toBe(59);
    expect(finding?.what).toBe(`no whole record: zeros where a record is expected; the next record is at ${next}`);
    expect(finding?.recovery).toContain('damaged/');
  });

  it('tells a torn end, which recovery cuts', async () => {
    const offset = await offsetOf(59);
    change(logFile, (bytes) => void bytes.fill(0, offset + 60));
    const { findings } = await verifyStore({ directory });
    const finding = findings.find(({ area }) => area === 'commitlog');
    expect([finding?.at, finding?.recovery]).toEqual([offset, 'recovery cuts the log here']);
    const ahead = findings.find(({ area }) => area === 'consumequeue');
    expect(ahead?.what).toBe(`the entry of JavaTopic/1 at offset 28 points to ${offset}, but its records end before`);
  });

  it('does not believe a last record whose end is zeros, whole as its lengths are', async () => {
    const offset = await offsetOf(59);
    const [last] = await records({ physicalOffset: offset });
    const end = offset + (last?.size ?? 0);
    change(logFile, (bytes) => void bytes.fill(0, end - 3, end));
    const { findings, logMaxOffset } = await verifyStore({ directory });
    expect(findings[0]).toMatchObject({
      file: logFile,
      at: offset,
      what: 'no whole record: the last record ends in zeros',
    });
    expect(logMaxOffset).toBe(offset);
  });

  it('misses a file, and one that was cut off', async () => {
    rmSync(directory, { recursive: true });
    take('java-4-9-7-stopped');
    truncateSync(join(directory, 'commitlog/00000000000000065536'), 20_000);
    const short = faultsOf(await verifyStore({ directory }));
    expect(short['commitlog/00000000000000065536@20000']).toContain('it has 20000 bytes');
    rmSync(join(directory, logFile));
    writeFileSync(join(directory, logFile.replace('00000', '00001')), '');
    expect(Object.values(faultsOf(await verifyStore({ directory }))).join()).toContain('is expected here');
  });
});

describe('damaged queues', () => {
  beforeEach(() => take('java-4-9-7-indexed'));

  it.each([
    ['physical offset', 7, 'points elsewhere'],
    ['size', 11, 'has size'],
    ['tags code', 19, 'has another tags code'],
  ])('names the entry whose %s was changed', async (_field, byte, reason) => {
    change(queueFile, (bytes) => void (bytes[9 * 20 + byte] = (bytes[9 * 20 + byte] as number) ^ 1));
    const faults = faultsOf(await verifyStore({ directory }));
    expect(Object.keys(faults)).toEqual([`${queueFile}@180`]);
    expect(faults[`${queueFile}@180`]).toContain(`the entry of JavaTopic/1 at offset 9 ${reason}`);
  });

  it('names entries that are gone in the middle, at the end, and with their file', async () => {
    change(queueFile, (bytes) => void bytes.fill(0, 180, 220));
    expect(faultsOf(await verifyStore({ directory }))[`${queueFile}@180`]).toContain('is missing, and the 1 behind it');
    change(queueFile, (bytes) => void bytes.fill(0, 400));
    expect(Object.keys(faultsOf(await verifyStore({ directory })))).toEqual([`${queueFile}@180`, `${queueFile}@400`]);
    rmSync(join(directory, queueFile));
    expect(faultsOf(await verifyStore({ directory }))[`${queueFile}@0`]).toContain('is missing, and the 28 behind it');
    rmSync(join(directory, 'consumequeue'), { recursive: true });
    expect(faultsOf(await verifyStore({ directory }))['consumequeue/JavaTopic/1@0']).toContain('29 records in the log');
  });

  it('takes missing entries at the end of a killed store for what recovery adds', async () => {
    change(queueFile, (bytes) => void bytes.fill(0, 400));
    writeFileSync(join(directory, 'abort'), '4711');
    const { faults, findings } = await verifyStore({ directory });
    expect([faults, findings.map(({ what }) => what)]).toEqual([
      0,
      ['JavaTopic/1: 9 records from offset 20 on have no entry yet'],
    ]);
    const summary = await inspectStore({ directory });
    expect([summary.abort, summary.queues.map(({ lag }) => lag)]).toEqual(['4711', [0, 9, 0, 0]]);
  });

  it('names entries ahead of the log, right behind the others and far behind them', async () => {
    const unit = readFileSync(join(directory, queueFile)).subarray(0, 20);
    for (const offset of [29, 47]) {
      take('java-4-9-7-indexed');
      change(queueFile, (bytes) => void unit.copy(bytes, offset * 20));
      expect(Object.keys(faultsOf(await verifyStore({ directory })))).toEqual([`${queueFile}@${offset * 20}`]);
    }
  });

  it('says that a topic was deleted when the broker does not know it', async () => {
    rmSync(join(directory, 'consumequeue/JavaTopic'), { recursive: true });
    cpSync(join(fixtures, 'java-4-9-7-stopped/checkpoint'), join(directory, 'config/topics.json'));
    const unreadable = await verifyStore({ directory });
    expect(Object.keys(faultsOf(unreadable))).toEqual(
      expect.arrayContaining(['config/topics.json@0', 'consumequeue/JavaTopic/0@0']),
    );
    writeFileSync(join(directory, 'config/topics.json'), '{"topicConfigTable":{"Other":{"a":{1:2}}}}');
    const verdict = await verifyStore({ directory });
    expect([verdict.faults, verdict.notes]).toEqual([0, 2]);
    expect(verdict.findings[0]?.what).toContain('the topic was deleted');
  });
});

describe('a damaged index', () => {
  let file: string;
  beforeEach(async () => {
    take('java-4-9-7-indexed');
    file = (await inspectStore({ directory })).index[1]?.file ?? '';
  });
  const itemAt = (number: number): number => 40 + 20 * 4 + number * 20;

  it.each([
    ['hash', 3, 'follows item'],
    ['offset', 11, 'points to'],
    ['time', 15, 'has the time'],
    ['link', 19, 'follows item'],
  ])('names the item whose %s was changed', async (_field, byte, reason) => {
    const at = itemAt(40) + byte;
    change(file, (bytes) => void (bytes[at] = (bytes[at] as number) ^ 1));
    const faults = faultsOf(await verifyStore({ directory }));
    expect(faults[`${file}@${itemAt(40)}`]).toContain(reason);
  });

  it('names the hash that no key of the record has, where the slot is the same', async () => {
    change(file, (bytes) => void bytes.writeInt32BE(bytes.readInt32BE(itemAt(40)) + 20, itemAt(40)));
    const faults = faultsOf(await verifyStore({ directory }));
    expect(faults[`${file}@${itemAt(40)}`]).toContain('which no key of its record has');
  });

  it('names a wrong number of slots in use', async () => {
    change(file, (bytes) => void bytes.writeInt32BE(bytes.readInt32BE(32) - 1, 32));
    expect(faultsOf(await verifyStore({ directory }))[`${file}@32`]).toMatch(/^the header speaks of \d+ slots in use/);
  });

  it('names a slot, a header, and a shape that cannot be', async () => {
    change(file, (bytes) => void bytes.writeInt32BE(0, 40 + 4 * 7));
    expect(faultsOf(await verifyStore({ directory }))).toHaveProperty([`${file}@68`], expect.stringMatching(/^slot 7/));
    change(file, (bytes) => void bytes.writeInt32BE(81, 36));
    expect(faultsOf(await verifyStore({ directory }))[`${file}@36`]).toContain('there is room for 80');
    expect(faultsOf(await verifyStore({ directory, index: { slots: 21 } }))[`${file}@1720`]).toContain('fit no number');
  });
});
