import { cpSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { AgingStore, StoreDirectory, appendMany, appendOne, filesBelow } from '../../../testkit/src/index.js';
import type { MessageStore } from '../contract.js';

// The bytes are compared with Apache's in test/store/java-bytes.spec.ts.

let directory: StoreDirectory;
beforeEach(() => void (directory = new StoreDirectory()));
afterEach(() => directory.remove());

/** 12 units a file, and 16 bytes over. */
const extended = { enableConsumeQueueExt: true, mappedFileSizeConsumeQueueExt: 256 } as const;
const extensionDirectory = (): string => join(directory.path, 'consumequeue_ext/TopicTest/0');
const extensionFiles = (): string[] =>
  existsSync(extensionDirectory()) ? readdirSync(extensionDirectory()).sort() : [];
const extensionBytes = (): Buffer[] => extensionFiles().map((name) => readFileSync(join(extensionDirectory(), name)));

/** Queue offsets of the messages with a tags code; a pull looks at 800 entries. */
async function withTag(store: MessageStore, code: number): Promise<readonly number[]> {
  const matches = (tagsCode: number): boolean => tagsCode === code;
  const request = { topic: 'TopicTest', queueId: 0, offset: 0, maxMessages: 100, matches };
  return (await store.get(request)).queueOffsets;
}

const rare = { properties: 'TAGS\u0001polygenelubricants\u0002', tagsCode: -0x8000_0000 };

/** Every third message has a tag with the lowest hash code there is. */
async function fill(store: MessageStore, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await appendOne(store, i % 3 === 2 ? rare : {});
}

async function filled(count: number): Promise<void> {
  const store = await directory.start(extended);
  await fill(store, count);
  await store.close();
}

it('keeps tags codes beside the queue and finds messages by them', async () => {
  await filled(31);
  expect(extensionFiles().map(Number)).toEqual([0, 256, 512]);
  const queue = readFileSync(join(directory.path, 'consumequeue/TopicTest/0/00000000000000000000'));
  expect(queue.subarray(12, 20).toString('hex')).toBe('8000000000000000');
  expect(queue.subarray(12 * 20 + 12, 13 * 20).toString('hex')).toBe('8000000000000100');
  const store = await directory.start(extended);
  expect(await withTag(store, rare.tagsCode)).toEqual([2, 5, 8, 11, 14, 17, 20, 23, 26, 29]);
  await fill(store, 3);
  expect(await withTag(store, rare.tagsCode)).toEqual([2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 33]);
});

it('is read when no more is written, and goes on where it ended when it is again', async () => {
  await filled(5);
  const plain = await directory.start({ ...extended, enableConsumeQueueExt: false });
  await fill(plain, 3);
  expect(await withTag(plain, rare.tagsCode)).toEqual([2, 7]);
  await plain.close();
  expect(extensionBytes()[0]?.readInt16BE(100)).toBe(0);
  const again = await directory.start(extended);
  await fill(again, 3);
  await again.close();
  expect(extensionBytes()[0]?.readInt16BE(100)).toBe(20);
  expect(await withTag(await directory.start(), rare.tagsCode)).toEqual([2, 7, 10]);
});

it('comes out of a crash as if nothing had happened', async () => {
  await filled(20);
  const before = extensionBytes();
  // Units of messages that the log lost.
  const last = join(extensionDirectory(), extensionFiles().at(-1) as string);
  const bytes = readFileSync(last);
  bytes.fill(0x14, 8 * 20, 10 * 20);
  writeFileSync(last, bytes);
  writeFileSync(join(directory.path, 'abort'), '');
  const store = await directory.start(extended);
  await appendMany(store, 1);
  await store.close();
  expect(
    extensionBytes()[1]
      ?.subarray(9 * 20)
      .every((byte) => byte === 0),
  ).toBe(true);
  expect(extensionBytes()[0]?.equals(before[0] as Buffer)).toBe(true);
  expect(await withTag(await directory.start(extended), rare.tagsCode)).toEqual([2, 5, 8, 11, 14, 17]);
});

it('is made again together with the queue', async () => {
  await filled(30);
  const before = extensionBytes();
  rmSync(join(directory.path, 'consumequeue'), { recursive: true });
  await (await directory.start(extended)).close();
  expect(extensionBytes()).toEqual(before);
});

it('leaves a message whose unit is gone to the filter of the consumer', async () => {
  await filled(20);
  const kept = join(directory.path, 'kept');
  cpSync(extensionDirectory(), kept, { recursive: true });
  rmSync(extensionDirectory(), { recursive: true });
  const store = await directory.start(extended);
  expect((await withTag(store, rare.tagsCode)).length).toBe(20);
  await store.close();
});

it('keeps bit maps of filters, of any length', async () => {
  let asked = 0;
  const filterBitMapOf = (topic: string, record: Buffer): Buffer | undefined => {
    expect([topic, record.readInt32BE(0)]).toEqual(['TopicTest', record.length]);
    const length = [0, undefined, 5, 200, 300, 14][asked++ % 6];
    return length === undefined ? undefined : Buffer.alloc(length, asked);
  };
  const store = await directory.start(extended, { filterBitMapOf });
  await fill(store, 6);
  const units = await store.extendedUnits('TopicTest', 0, 0, 6);
  const seen = units?.map(({ extension }) =>
    typeof extension === 'object' ? [extension.size, extension.filterBitMap?.toString('hex')] : extension,
  );
  // A map that no file has room for is left out.
  expect(seen).toEqual([
    [20, undefined],
    [20, undefined],
    [25, '03'.repeat(5)],
    [220, '04'.repeat(200)],
    [20, undefined],
    [34, '06'.repeat(14)],
  ]);
  expect(units?.map(({ tagsCode }) => tagsCode)).toEqual([97, 97, rare.tagsCode, 97, 97, rare.tagsCode]);
  await store.close();
  const again = await directory.start(extended);
  await fill(again, 1);
  expect(
    (await again.extendedUnits('TopicTest', 0, 0, 7))?.map(
      ({ extension }) => extension !== 'missing' && extension?.size,
    ),
  ).toEqual([20, 20, 25, 220, 20, 34, 20]);
});

it('goes with its topic', async () => {
  await filled(20);
  const store = await directory.start(extended);
  await store.deleteTopic('TopicTest');
  expect(existsSync(join(directory.path, 'consumequeue_ext/TopicTest'))).toBe(false);
});

it.each([
  ['another size', { ...extended, mappedFileSizeConsumeQueueExt: 512 }],
  ['a file missing', extended],
])('is made again, with the queue, from files of %s', async (name, config) => {
  await filled(40);
  if (config === extended) rmSync(join(extensionDirectory(), '00000000000000000256'));
  const store = await directory.start(config);
  expect((await withTag(store, rare.tagsCode)).length).toBe(13);
  await store.close();
  expect([name, extensionBytes().every(({ length }) => length === config.mappedFileSizeConsumeQueueExt)]).toEqual([
    name,
    true,
  ]);
  expect(await withTag(await directory.start(config), rare.tagsCode)).toContain(38);
});

it('loses the files that only expired messages need', async () => {
  const aging = new AgingStore();
  const store = await aging.start({ ...extended, mappedFileSizeConsumeQueue: 100 });
  await aging.fill(store);
  store.deleteExpiredFiles();
  aging.clock.jump(80 * aging.hour);
  await aging.advance(3 * aging.interval);
  const files = filesBelow(join(aging.directory.path, 'consumequeue_ext')).map((file) => Number(file.slice(-20)));
  const first = Math.floor(store.minOffset('TopicTest', 0) / 12) * 256;
  expect(first).toBeGreaterThan(256);
  expect(files[0]).toBe(first);
  await aging.remove();
});
