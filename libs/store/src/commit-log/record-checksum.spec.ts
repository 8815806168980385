import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StoreDirectory, appendMany, appendOne, readQueue } from '../../../testkit/src/index.js';
import { hasRightChecksum, withoutChecksum, writeChecksum } from './record-checksum.js';

let directory: StoreDirectory;
beforeEach(() => void (directory = new StoreDirectory()));
afterEach(() => directory.remove());

const writing = { enabledAppendPropCRC: true } as const;

/** CRC-32 of "123456789" is cbf43926, without its top bit 1274296614. */
it('stands behind the record with its least significant digit first, as Apache writes it', () => {
  const bytes = Buffer.alloc(29);
  bytes.write('123456789');
  writeChecksum(bytes, 0, 29);
  expect(bytes.toString('latin1', 9)).toBe('__CRC32#\u00014166924721\u0002');
  expect(hasRightChecksum(bytes)).toBe(true);
  for (let at = 0; at < bytes.length; at++) {
    bytes[at]! ^= 1;
    expect([at, hasRightChecksum(bytes)]).toEqual([at, false]);
    bytes[at]! ^= 1;
  }
  expect(hasRightChecksum(bytes.subarray(0, 19))).toBe(false);
});

it('drops one that came with the message', () => {
  expect(withoutChecksum('a\u0001b\u0002__CRC32#\u00010123456789\u0002')).toBe('a\u0001b\u0002');
  expect(withoutChecksum('__CRC32#\u00010123456789\u0002a\u0001b')).toBe('a\u0001b');
  expect(withoutChecksum('a\u0001b')).toBe('a\u0001b');
});

describe('a store that writes checksums', () => {
  it.each([
    ['properties that end in a separator', 'a\u0001b\u0002', 'a\u0001b\u0002'],
    ['properties that do not', 'a\u0001b', 'a\u0001b\u0002'],
    ['no properties', '', ''],
    ['a checksum of another record', 'a\u0001b\u0002__CRC32#\u00010123456789\u0002', 'a\u0001b\u0002'],
  ])('keeps %s', async (_name, properties, kept) => {
    const store = await directory.start(writing);
    await appendMany(store, 3, { properties });
    const records = await readQueue(store);
    expect(records.map((record) => record.properties.slice(0, -20))).toEqual([kept, kept, kept]);
    const ends = records.map(({ properties: found }) => [found.slice(-20, -11), found.at(-1), found.slice(-11, -1)]);
    for (const end of ends) expect(end).toEqual(['__CRC32#\u0001', '\u0002', expect.stringMatching(/^\d{10}$/)]);
  });

  it('fits records into its files to the byte', async () => {
    const store = await directory.start({ ...writing, mappedFileSizeCommitLog: 4096 });
    const { physicalOffset: size } = (await appendMany(store, 2))[1] as { physicalOffset: number };
    const rest = 4096 - 2 * size - 8;
    const last = await appendOne(store, { body: Buffer.alloc('body 0'.length + rest - size) });
    expect(last.physicalOffset).toBe(2 * size);
    expect((await appendOne(store)).physicalOffset).toBe(4096);
    const bytes = readFileSync(join(directory.path, 'commitlog/00000000000000000000'));
    expect(bytes.readInt32BE(4088)).toBe(8);
  });

  it('refuses properties that leave no room for it', async () => {
    const store = await directory.start(writing);
    const properties = (length: number): string => 'k\u0001'.padEnd(length, 'v');
    expect((await appendOne(store, { properties: properties(32_767 - 21) })).status).toBe('OK');
    expect(await appendOne(store, { properties: properties(32_767 - 20) })).toMatchObject({
      status: 'MESSAGE_ILLEGAL',
      reason: 'the properties exceed 32746 bytes',
    });
  });

  it.each([
    ['wrong, even in fields no other check covers', writing, 1],
    ['missing', {}, 0],
  ])('finds records damaged where one is %s, when they are demanded', async (_name, written, left) => {
    const store = await directory.start(written);
    const [, second] = await appendMany(store, 3);
    await store.close();
    const path = join(directory.path, 'commitlog/00000000000000000000');
    const bytes = readFileSync(path);
    const bornTimestampAt = (second?.physicalOffset as number) + 40;
    bytes[bornTimestampAt + 7]! ^= 1;
    writeFileSync(path, bytes);
    rmSync(join(directory.path, 'checkpoint'));
    rmSync(join(directory.path, 'consumequeue'), { recursive: true });
    const lenient = await directory.start(written);
    expect(lenient.maxOffset('TopicTest', 0)).toBe(3);
    await lenient.close();
    rmSync(join(directory.path, 'checkpoint'));
    rmSync(join(directory.path, 'consumequeue'), { recursive: true });
    expect((await directory.start({ ...written, forceVerifyPropCRC: true })).maxOffset('TopicTest', 0)).toBe(left);
  });
});
