import { cpSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeMessage, propertyOf } from '../../libs/protocol/src/message/index.js';
import type { MessageStore } from '../../libs/store/src/index.js';
import { StoreDirectory, appendOne, readQueue } from '../../libs/testkit/src/index.js';

// Directories that Apache's brokers wrote and left with a clean stop: mappedFileSizeCommitLog=65536,
// mappedFileSizeConsumeQueue=1000, maxHashSlotNum=97, maxIndexNum=60. Sent were 60 messages, most with two keys, batches,
// messages without keys, keys beyond ASCII, with blanks around them, twice the same, and 90 keys in one message.

const fixtures = join(process.cwd(), 'test/store/fixtures');
const config = { maxHashSlotNum: 97, maxIndexNum: 60 };

let directory: StoreDirectory;
beforeEach(() => void (directory = new StoreDirectory()));
afterEach(() => directory.remove());

function indexBytes(root: string): Buffer[] {
  const names = readdirSync(join(root, 'index')).sort();
  return names.map((name) => readFileSync(join(root, 'index', name)));
}

async function bodiesBy(store: MessageStore, key: string): Promise<string[]> {
  const query = { topic: 'JavaTopic', key, maxMessages: 64, begin: 0, end: Number.MAX_SAFE_INTEGER };
  const { records } = await store.query(query);
  return records.map((record) => decodeMessage(record).body.toString());
}

describe.each(['java-4-9-7-index', 'java-5-3-3-index'])('%s', (name) => {
  const fixture = join(fixtures, name);
  beforeEach(() => cpSync(fixture, directory.path, { recursive: true }));

  it('is made again from the log byte by byte', async () => {
    rmSync(join(directory.path, 'index'), { recursive: true });
    await (await directory.start(config)).close();
    const [made, known] = [indexBytes(directory.path), indexBytes(fixture)];
    expect(made.length).toBe(known.length);
    expect(known.length).toBeGreaterThan(3);
    for (const [i, bytes] of made.entries()) expect({ i, bytes }).toEqual({ i, bytes: known[i] });
    const word = (root: string): bigint => readFileSync(join(root, 'checkpoint')).readBigInt64BE(16);
    expect(word(directory.path)).toBe(word(fixture));
  });

  it('stays as it is over a start and a clean stop', async () => {
    await (await directory.start(config)).close();
    expect(readdirSync(join(directory.path, 'index'))).toEqual(readdirSync(join(fixture, 'index')));
    expect(indexBytes(directory.path)).toEqual(indexBytes(fixture));
  });

  it('finds every message by every key it has, and goes on', async () => {
    const store = await directory.start(config);
    expect(await bodiesBy(store, 'order-7')).toEqual(['plain 7']);
    expect((await bodiesBy(store, 'user-3')).length).toBeGreaterThan(4);
    expect(await bodiesBy(store, 'batch-25')).toEqual(['b1']);
    for (const key of ['Größe', '世界', '\u{1f980}']) expect(await bodiesBy(store, key)).toEqual(['wide']);
    for (const key of ['two', 'blanks']) expect(await bodiesBy(store, key)).toEqual(['blanks']);
    expect(await bodiesBy(store, 'twice')).toEqual(['twice', 'twice']);
    for (const i of [0, 45, 89]) expect(await bodiesBy(store, `m${i}`)).toEqual(['many']);
    for (const key of ['order-3', '', 'twice twice', 'nobody']) expect(await bodiesBy(store, key)).toEqual([]);
    const sent = [...(await readQueue(store, 'JavaTopic', 0)), ...(await readQueue(store, 'JavaTopic', 1))];
    expect(sent.length).toBe(74);
    // The messages of a batch of 5.x have its id in common.
    for (const { properties, body } of sent) {
      expect(await bodiesBy(store, propertyOf(properties, 'UNIQ_KEY') ?? '')).toContain(body.toString());
    }
    await appendOne(store, { topic: 'JavaTopic', properties: 'KEYS\u0001order-7\u0002', body: Buffer.from('new') });
    await store.close();
    expect(await bodiesBy(await directory.start(config), 'order-7')).toEqual(['plain 7', 'new']);
  });
});
