import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StoreDirectory, appendOne, seededRandom } from '../../../testkit/src/index.js';
import type { AppendMessage } from '../contract.js';
import { isRecord } from './record-check.js';
import { scanRecord } from './record-reader.js';

const topicBytes = Buffer.from('TopicTest');

let directory: StoreDirectory;
beforeEach(() => {
  directory = new StoreDirectory();
});
afterEach(() => directory.remove());

interface Found {
  readonly at: number;
  readonly size: number;
}

async function logWith(messages: readonly Partial<AppendMessage>[]): Promise<{ log: Buffer; records: Found[] }> {
  const store = await directory.start();
  for (const message of messages) await appendOne(store, message);
  await store.close();
  const log = readFileSync(join(directory.path, 'commitlog', '0'.repeat(20)));
  const records: Found[] = [];
  for (let at = 0; ;) {
    const scanned = scanRecord(log, at, at, log.length - at);
    if (scanned.kind !== 'record') return { log, records };
    records.push({ at, size: scanned.size });
    at += scanned.size;
  }
}

/** By the slow way, which allocates and says why. */
function isRecordSlowly(log: Buffer, { at, size }: Found, queueOffset: number): boolean {
  const scanned = scanRecord(log, at, at, log.length - at);
  if (scanned.kind !== 'record' || scanned.size !== size) return false;
  return scanned.queueId === 0 && scanned.queueOffset === queueOffset && scanned.hasTopic(topicBytes);
}

const ipv6 = { ip: '2001:db8::1', port: 10911 };

describe('the fast look at a record', () => {
  it('agrees with the slow one whatever byte is wrong', async () => {
    const messages = [
      {},
      { body: Buffer.alloc(0) },
      { body: Buffer.alloc(700, 'b'), properties: '' },
      { bornHost: ipv6 },
      { bornHost: ipv6, storeHost: ipv6 },
    ];
    const { log, records } = await logWith(messages);
    expect(records).toHaveLength(messages.length);
    const place = { queueId: 0, topicBytes };
    const random = seededRandom(5);
    for (const [queueOffset, record] of records.entries()) {
      const { at, size } = record;
      const looks = () => isRecord(log, at, size, at, place, queueOffset);
      expect(looks()).toBe(true);
      let refused = 0;
      for (let i = 0; i < size; i++) {
        const bit = 1 << Math.floor(random() * 8);
        log[at + i]! ^= bit;
        expect([i, looks()]).toEqual([i, isRecordSlowly(log, record, queueOffset)]);
        if (!looks()) refused++;
        log[at + i]! ^= bit;
      }
      expect(refused).toBeGreaterThan(40);
    }
  });

  it('wants the record that the queue means, whole and in its place', async () => {
    const { log, records } = await logWith([{}, {}]);
    const { at, size } = records[1] as Found;
    const place = { queueId: 0, topicBytes };
    expect(isRecord(log, at, size, at, place, 1)).toBe(true);
    expect(isRecord(log, at, size, at, undefined, 9)).toBe(true);
    expect(isRecord(log, at, size, at, place, 0)).toBe(false);
    expect(isRecord(log, at, size, at, { queueId: 1, topicBytes }, 1)).toBe(false);
    expect(isRecord(log, at, size, at, { queueId: 0, topicBytes: Buffer.from('TopicTesT') }, 1)).toBe(false);
    expect(isRecord(log, at, size, at + 1, place, 1)).toBe(false);
    expect(isRecord(log, at, size - 1, at, place, 1)).toBe(false);
    const cut = log.subarray(0, at + size - 1);
    expect(isRecord(cut, at, size, at, place, 1)).toBe(false);
  });
});
