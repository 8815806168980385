import { existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { silentLogger } from '../../../common/src/index.js';
import { decodeMessages } from '../../../protocol/src/message/index.js';
import { AgingStore, appendOne, diskError, readQueue } from '../../../testkit/src/index.js';
import type { MessageStore } from '../contract.js';

let aging: AgingStore;
beforeEach(() => {
  aging = new AgingStore();
});
afterEach(() => aging.remove());

const all = [0, 1, 2, 3, 4, 5].map((file) => file * 4096);
const pathOf = (...names: string[]): string => join(aging.directory.path, ...names);
const firstFile = '0'.repeat(20);

function patchStart(path: string): void {
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.fill(0, 0, 50));
}

describe('files of the log', () => {
  it('go at the hour, when their last message is older than fileReservedTime', async () => {
    const store = await aging.start({ fileReservedTime: 3 });
    await aging.fill(store);
    // File 0 was full five hours ago, file 1 four, file 2 three.
    await aging.advance(aging.interval);
    expect(aging.logFiles()).toEqual(all);
    await store.close();
    const again = await aging.start({ fileReservedTime: 3, deleteWhen: aging.hourOfDay(0) });
    await aging.advance(60_000 + aging.interval);
    expect(aging.logFiles()).toEqual(all.slice(3));
    const min = again.minOffset('TopicTest', 0);
    expect(again.figures().commitLogMinOffset).toBe(3 * aging.fileSize);
    const [first] = await readQueue(again);
    expect(first).toMatchObject({ queueOffset: min, physicalOffset: 3 * aging.fileSize });
    expect(again.figures().earliestMessageTime).toBe(first?.storeTimestamp);
    expect(await again.earliestStoreTime('TopicTest', 0)).toBe(first?.storeTimestamp);
    expect(await again.offsetByTime('TopicTest', 0, 0, 'lower')).toBe(min);
    expect(await again.offsetByTime('TopicTest', 0, 0, 'upper')).toBe(0);
    expect(await again.offsetByTime('TopicTest', 0, first?.storeTimestamp as number, 'lower')).toBe(min);
    expect(await again.storeTime('TopicTest', 0, min - 1)).toBe(-1);
    for (const offset of [0, min - 1]) {
      const got = await again.get({ topic: 'TopicTest', queueId: 0, offset, maxMessages: 32 });
      expect(got).toMatchObject({ status: 'OFFSET_TOO_SMALL', nextBeginOffset: min, minOffset: min, slices: [] });
    }
    expect(await again.read(aging.fileSize)).toBeUndefined();
  });

  it('are left alone in the first minute', async () => {
    const store = await aging.start({
      fileReservedTime: 1,
      deleteWhen: aging.hourOfDay(0),
      cleanResourceInterval: 1000,
    });
    await aging.fill(store, 0);
    await store.close();
    aging.clock.jump(48 * aging.hour);
    await aging.start({ fileReservedTime: 1, deleteWhen: aging.hourOfDay(0), cleanResourceInterval: 1000 });
    await aging.advance(50_000);
    expect(aging.logFiles()).toEqual(all);
    await aging.advance(10_000);
    expect(aging.logFiles()).toEqual(all.slice(5));
  });

  it('go by the time of the file when the next one begins with no message', async () => {
    const store = await aging.start({ fileReservedTime: 3 });
    await aging.fill(store, 0);
    await store.close();
    patchStart(pathOf('commitlog', String(4096).padStart(20, '0')));
    const past = new Date(aging.clock.now() - 4 * aging.hour);
    for (const base of [0, 4096]) utimesSync(pathOf('commitlog', String(base).padStart(20, '0')), past, past);
    await aging.start({ fileReservedTime: 3, deleteWhen: aging.hourOfDay(0) });
    await aging.advance(60_000 + aging.interval);
    // The second one is followed by a message, and that is young.
    expect(aging.logFiles()).toEqual(all.slice(1));
  });

  it('go one after the other, with a pause, and not too many in a pass', async () => {
    const store = await aging.start({
      fileReservedTime: 1,
      deleteWhen: '0;1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18;19;20;21;22;23',
      deleteFileBatchMax: 2,
      deleteCommitLogFilesInterval: 700,
    });
    await aging.fill(store, 20_000);
    aging.clock.jump(10 * aging.hour);
    while (aging.logFiles().length === 6) await aging.advance(10);
    expect(aging.logFiles()).toEqual(all.slice(1));
    aging.clock.advance(600);
    await aging.settle();
    expect(aging.logFiles()).toEqual(all.slice(1));
    aging.clock.advance(100);
    await aging.settle();
    expect(aging.logFiles()).toEqual(all.slice(2));
    aging.clock.advance(700);
    await aging.settle();
    expect(aging.logFiles()).toEqual(all.slice(2));
    await aging.advance(30_000);
    await aging.advance(30_000);
    await aging.advance(30_000);
    // The one that is written to stays.
    expect(aging.logFiles()).toEqual(all.slice(5));
    expect((await appendOne(store)).status).toBe('OK');
  });

  it('above diskMaxUsedSpaceRatio, expired ones go at any hour', async () => {
    const store = await aging.start({ fileReservedTime: 3 });
    await aging.fill(store);
    aging.disk.percentUsed = () => 76;
    await aging.advance(aging.interval);
    expect(aging.logFiles()).toEqual(all.slice(3));
    aging.disk.percentUsed = () => 75;
    aging.clock.jump(aging.hour);
    await aging.advance(aging.interval);
    expect(aging.logFiles()).toEqual(all.slice(3));
    await store.close();
  });

  it('above diskSpaceCleanForciblyRatio, the oldest go whatever their age, but no more than is needed', async () => {
    const warn = jest.fn();
    const store = await aging.start({}, { ...silentLogger, warn });
    await aging.fill(store, 20_000);
    aging.disk.percentUsed = () => (aging.logFiles().length > 3 ? 86 : 84);
    await aging.advance(30_000);
    expect(aging.logFiles()).toEqual(all.slice(3));
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('may be deleted'), expect.anything());
  });

  it('stay while the disk does not have their queue entries', async () => {
    const store = await aging.start({ flushIntervalConsumeQueue: 1_000_000 });
    for (let file = 0; file < 5; file++) await aging.fillFile(store);
    aging.disk.percentUsed = () => 89;
    await aging.advance(80_000);
    expect(aging.logFiles()).toEqual(all);
  });

  it('leave memory with the disk', async () => {
    const store = await aging.start();
    await aging.fill(store, 20_000);
    expect(store.read(0)).toBeInstanceOf(Buffer);
    aging.disk.percentUsed = () => (aging.logFiles().length > 3 ? 86 : 50);
    await aging.advance(aging.interval);
    expect(await store.read(0)).toBeUndefined();
    expect(store.read(3 * aging.fileSize)).toBeInstanceOf(Buffer);
  });

  it('are kept when cleanFileForciblyEnable is false', async () => {
    const store = await aging.start({ cleanFileForciblyEnable: false });
    await aging.fill(store, 20_000);
    aging.disk.percentUsed = () => 89;
    await aging.advance(30_000);
    expect(aging.logFiles()).toEqual(all);
    expect((await appendOne(store)).status).toBe('OK');
  });

  it('go on request at any hour, within the first minute too, but not before their time', async () => {
    const store = await aging.start({ fileReservedTime: 3 });
    await aging.fill(store);
    await store.close();
    const again = await aging.start({ fileReservedTime: 4 });
    again.deleteExpiredFiles();
    for (let i = 0; i < 20; i++) await aging.advance(500);
    expect(aging.logFiles()).toEqual(all.slice(2));
  });

  it('a deleteWhen that is no hour is named once, and the others count', async () => {
    const error = jest.fn();
    const store = await aging.start(
      { fileReservedTime: 3, deleteWhen: `4am;${aging.hourOfDay(0)}` },
      { ...silentLogger, error },
    );
    await aging.fill(store, 0);
    aging.clock.jump(24 * aging.hour);
    await aging.advance(60_000 + 2 * aging.interval);
    expect(aging.logFiles()).toEqual(all.slice(5));
    expect(error.mock.calls).toEqual([[expect.stringContaining('deleteWhen: "4am" is no hour of the day')]]);
    await store.close();
  });
});

describe('a file that cannot be deleted', () => {
  it('keeps the others, fences nothing, and is tried again', async () => {
    const error = jest.fn();
    const store = await aging.start({ fileReservedTime: 1 }, { ...silentLogger, error });
    await aging.fill(store);
    aging.disk.percentUsed = () => 80;
    aging.disk.fault = (call) => (call === 'remove' ? diskError('EACCES') : undefined);
    await aging.advance(60_000);
    expect(aging.logFiles()).toEqual(all);
    expect(error).toHaveBeenCalledTimes(1);
    expect(error).toHaveBeenCalledWith(expect.stringContaining('could not be deleted'), {
      path: pathOf('commitlog', firstFile),
      error: 'EACCES: injected; it is tried again in 120000 ms',
    });
    expect((await appendOne(store)).status).toBe('OK');
    // It is out of the log already.
    expect(store.figures().commitLogMinOffset).toBe(aging.fileSize);
    aging.disk.fault = () => undefined;
    await aging.advance(50_000);
    expect(aging.logFiles()).toEqual(all);
    await aging.advance(30_000);
    expect(aging.logFiles()).toEqual(all.slice(5));
    expect(store.unavailable).toBeUndefined();
  });

  it('is back after a restart, with its messages', async () => {
    const store = await aging.start({ fileReservedTime: 1, mappedFileSizeConsumeQueue: 200 });
    await aging.fill(store);
    const count = store.maxOffset('TopicTest', 0);
    aging.disk.percentUsed = () => 80;
    const remove = (path: string): void => rmSync(path, { force: true });
    aging.disk.remove = (path) => {
      if (path.includes('commitlog')) throw diskError('EACCES');
      remove(path);
    };
    await aging.advance(60_000);
    aging.disk.remove = remove;
    await store.close();
    const warn = jest.fn();
    const again = await aging.start({ mappedFileSizeConsumeQueue: 200 }, { ...silentLogger, warn });
    expect(again.minOffset('TopicTest', 0)).toBe(0);
    expect((await readQueue(again)).length).toBe(count);
    expect(warn).not.toHaveBeenCalled();
  });
});

describe('a reader of an old file', () => {
  /** Holds back reads of the first file. */
  function hold(): { release(): void; readonly count: number } {
    const waiting: (() => void)[] = [];
    aging.disk.beforeRead = (path) =>
      path.endsWith(`commitlog/${'0'.repeat(20)}`) ? new Promise((resolve) => waiting.push(resolve)) : undefined;
    return {
      release: () => {
        aging.disk.beforeRead = undefined;
        for (const resolve of waiting.splice(0)) resolve();
      },
      get count() {
        return waiting.length;
      },
    };
  }

  async function reopened(): Promise<MessageStore> {
    const store = await aging.start({ fileReservedTime: 1 });
    await aging.fill(store);
    await store.close();
    return aging.start({ fileReservedTime: 1 });
  }

  it('is waited for, and gets its own messages', async () => {
    const store = await reopened();
    const held = hold();
    const pull = store.get({ topic: 'TopicTest', queueId: 0, offset: 0, maxMessages: 4 });
    await aging.settle();
    expect(held.count).toBe(1);
    store.deleteExpiredFiles();
    await aging.advance(20_000);
    expect(aging.logFiles()).toEqual(all);
    // Who comes later goes on where the next file begins.
    const later = await store.get({ topic: 'TopicTest', queueId: 0, offset: 0, maxMessages: 1 });
    expect(decodeMessages(Buffer.concat(later.slices))[0]).toMatchObject({ physicalOffset: aging.fileSize });
    held.release();
    const messages = decodeMessages(Buffer.concat((await pull).slices));
    expect(messages.map(({ queueOffset }) => queueOffset)).toEqual([0, 1, 2, 3]);
    expect(messages.every(({ body }) => body.equals(Buffer.alloc(100, 0)))).toBe(true);
    await aging.advance(20_000);
    expect(aging.logFiles()[0]).toBeGreaterThan(0);
  });

  it('is waited for no longer than destroyMapedFileIntervalForcibly, and gets its own messages still', async () => {
    const store = await reopened();
    const held = hold();
    const pull = store.get({ topic: 'TopicTest', queueId: 0, offset: 0, maxMessages: 4 });
    await aging.settle();
    expect(held.count).toBe(1);
    store.deleteExpiredFiles();
    await aging.advance(110_000);
    expect(aging.logFiles()).toEqual(all);
    await aging.advance(20_000);
    expect(aging.logFiles()[0]).toBeGreaterThan(0);
    expect(store.minOffset('TopicTest', 0)).toBeGreaterThan(0);
    for (let i = 0; i < 30; i++) await appendOne(store, { body: Buffer.alloc(100, 99) });
    held.release();
    const messages = decodeMessages(Buffer.concat((await pull).slices));
    expect(messages.map(({ queueOffset, body }) => [queueOffset, body[0]])).toEqual([0, 1, 2, 3].map((at) => [at, 0]));
  });

  it('does not hold up the stop of the store', async () => {
    const store = await reopened();
    const held = hold();
    const pull = store.get({ topic: 'TopicTest', queueId: 0, offset: 0, maxMessages: 4 });
    await aging.settle();
    expect(held.count).toBe(1);
    store.deleteExpiredFiles();
    await aging.settle();
    await store.close();
    held.release();
    await pull;
    expect(existsSync(pathOf('abort'))).toBe(false);
    expect((await readQueue(await aging.start()))[0]?.queueOffset).toBe(0);
  });
});

describe('a full disk (apache/rocketmq issues 2398 and 1400)', () => {
  it('refuses writes and takes them again within one interval after space was freed', async () => {
    const store = await aging.start({ cleanFileForciblyEnable: false });
    await aging.fill(store, 0);
    aging.disk.percentUsed = () => 91;
    await aging.advance(aging.interval);
    expect(await appendOne(store)).toMatchObject({
      status: 'SERVICE_NOT_AVAILABLE',
      reason: expect.stringMatching(
        /^the partition of .*commitlog is 91 % full, diskSpaceWarningLevelRatio allows 90 %; free space there/,
      ),
    });
    expect(store.unavailable).toContain('91 % full');
    expect((await readQueue(store)).length).toBe(store.maxOffset('TopicTest', 0));
    aging.disk.percentUsed = () => 90;
    await aging.advance(aging.interval);
    expect((await appendOne(store)).status).toBe('OK');
    expect(store.unavailable).toBeUndefined();
  });

  it('is looked at while a deletion waits', async () => {
    const store = await aging.start({ fileReservedTime: 1, deleteCommitLogFilesInterval: 1_000_000 });
    await aging.fill(store, 20_000);
    aging.disk.percentUsed = () => 95;
    await aging.advance(aging.interval);
    expect((await appendOne(store)).status).toBe('SERVICE_NOT_AVAILABLE');
    expect(aging.logFiles()).toEqual(all.slice(1));
    aging.disk.percentUsed = () => 80;
    await aging.advance(aging.interval);
    expect(aging.logFiles()).toEqual(all.slice(1));
    expect((await appendOne(store)).status).toBe('OK');
  });

  it('refuses writes from the start on', async () => {
    aging.disk.percentUsed = () => 99;
    const store = await aging.start();
    expect((await appendOne(store)).status).toBe('SERVICE_NOT_AVAILABLE');
  });

  it('may be that of the queues, or that of the log', async () => {
    const store = await aging.start({ storePathCommitLog: pathOf('elsewhere', 'log') });
    for (const full of ['consumequeue', 'elsewhere/log']) {
      aging.disk.percentUsed = (path) => (path.endsWith(full) ? 92 : 10);
      await aging.advance(aging.interval);
      expect((await appendOne(store)).reason).toContain(`${pathOf(full)} is 92 % full`);
      const { commitLogDiskRatio, consumeQueueDiskRatio } = store.figures();
      expect([commitLogDiskRatio, consumeQueueDiskRatio]).toEqual(full === 'consumequeue' ? [0.1, 0.92] : [0.92, 0.1]);
      aging.disk.percentUsed = () => 10;
      await aging.advance(aging.interval);
      expect((await appendOne(store)).status).toBe('OK');
    }
  });

  it('that does not say how full it is changes nothing', async () => {
    const error = jest.fn();
    const store = await aging.start({}, { ...silentLogger, error });
    aging.disk.percentUsed = () => {
      throw diskError('EIO');
    };
    await aging.advance(aging.interval);
    expect((await appendOne(store)).status).toBe('OK');
    expect(error).toHaveBeenCalledWith(expect.stringContaining('could not be asked'), { error: 'EIO: injected' });
  });
});
