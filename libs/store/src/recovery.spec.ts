import { cpSync, existsSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { silentLogger } from '../../common/src/index.js';
import { StoreDirectory, appendMany, appendOne, createManualClock, readQueue } from '../../testkit/src/index.js';
import type { MessageStore } from './contract.js';

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

/** What a kill -9 at this moment leaves: the kernel has all bytes written so far. */
function crash(): void {
  rmSync(copy.path, { recursive: true });
  cpSync(directory.path, copy.path, { recursive: true });
}

const logPath = (place: StoreDirectory, offset = 0): string =>
  join(place.path, 'commitlog', String(offset).padStart(20, '0'));
const queuePath = (place: StoreDirectory, queueId = 0, offset = 0): string =>
  join(place.path, 'consumequeue/TopicTest', String(queueId), String(offset).padStart(20, '0'));

function patch(path: string, change: (bytes: Buffer) => void): void {
  const bytes = readFileSync(path);
  change(bytes);
  writeFileSync(path, bytes);
}

async function expectGapless(store: MessageStore, queueId: number, count: number): Promise<void> {
  const records = await readQueue(store, 'TopicTest', queueId);
  expect(records.map(({ queueOffset }) => queueOffset)).toEqual(Array.from({ length: count }, (_, i) => i));
}

describe('after a crash', () => {
  it.each([
    ['nothing stored yet', 0],
    ['a first checkpoint behind', 6000],
  ])('every answered message is there: %s', async (_name, elapsed) => {
    const clock = createManualClock();
    const store = await directory.start({}, { clock });
    for (let round = 0; round < 6; round++) {
      await appendMany(store, 60, { body: Buffer.alloc(150, round) });
      await appendMany(store, 7, { queueId: 1 });
      if (round === 3) {
        clock.advance(elapsed);
        if (elapsed > 0)
          while (readFileSync(join(directory.path, 'checkpoint')).readBigInt64BE(264) === 0n) await settle();
      }
    }
    crash();
    expect(existsSync(join(copy.path, 'abort'))).toBe(true);
    const again = await copy.start();
    await expectGapless(again, 0, 360);
    await expectGapless(again, 1, 42);
    expect((await appendOne(again)).queueOffset).toBe(360);
    await again.close();
    expect(existsSync(join(copy.path, 'abort'))).toBe(false);
    await expectGapless(await copy.start(), 0, 361);
  });

  it('recovers twice to the same bytes', async () => {
    const store = await directory.start();
    await appendMany(store, 300, { body: Buffer.alloc(100) });
    crash();
    const names = (): string[] =>
      readdirSync(copy.path, { recursive: true })
        .map(String)
        .filter((name) => /\d{20}$/.test(name))
        .sort();
    const image = (): Map<string, Buffer> =>
      new Map(names().map((name) => [name, readFileSync(join(copy.path, name))]));
    await (await copy.start()).close();
    const first = image();
    writeFileSync(join(copy.path, 'abort'), '');
    rmSync(join(copy.path, 'checkpoint'));
    await (await copy.start()).close();
    expect(image()).toEqual(first);
  });

  it('cuts a record torn at any byte, and leaves zeros', async () => {
    const store = await directory.start({ mappedFileSizeCommitLog: 4096 });
    await appendMany(store, 3, { body: Buffer.from('0123456789') });
    const last = await appendOne(store, { body: Buffer.from('the last one'), properties: 'a\u0001b\u0002' });
    const end = store.figures().commitLogMaxOffset;
    crash();
    const whole = readFileSync(logPath(copy));
    for (let kept = last.physicalOffset; kept <= end; kept++) {
      writeFileSync(logPath(copy), Buffer.concat([whole.subarray(0, kept), Buffer.alloc(4096 - kept)]));
      rmSync(join(copy.path, 'checkpoint'), { force: true });
      writeFileSync(join(copy.path, 'abort'), '');
      const again = await copy.start({ mappedFileSizeCommitLog: 4096 });
      // The last byte of these properties ends a pair; without it the record is torn like any other.
      const count = kept === end ? 4 : 3;
      expect([kept, again.maxOffset('TopicTest', 0), again.figures().commitLogMaxOffset]).toEqual([
        kept,
        count,
        kept === end ? end : last.physicalOffset,
      ]);
      await again.close();
      if (count === 3)
        expect(
          readFileSync(logPath(copy))
            .subarray(last.physicalOffset)
            .every((byte) => byte === 0),
        ).toBe(true);
    }
    expect(existsSync(join(copy.path, 'damaged'))).toBe(false);
  }, 60_000);

  it('does not take leftovers behind the end for messages', async () => {
    const store = await directory.start({ mappedFileSizeCommitLog: 4096 });
    const [first, second] = await appendMany(store, 3);
    crash();
    const size = second?.physicalOffset as number;
    // A whole and valid record, but of another place.
    patch(logPath(copy), (bytes) => bytes.copyWithin(3 * size, first?.physicalOffset as number, size));
    expect((await copy.start({ mappedFileSizeCommitLog: 4096 })).maxOffset('TopicTest', 0)).toBe(3);
  });

  it('keeps the records behind a damaged one aside, and says so', async () => {
    const store = await directory.start({ mappedFileSizeCommitLog: 4096 });
    const results = await appendMany(store, 60, { body: Buffer.alloc(120, 'q') });
    crash();
    rmSync(join(copy.path, 'checkpoint'));
    const at = results[10]?.physicalOffset as number;
    patch(logPath(copy), (bytes) => void (bytes[at + 100] = 0));
    const error = jest.fn();
    const again = await copy.start({ mappedFileSizeCommitLog: 4096 }, { log: { ...silentLogger, error } });
    await expectGapless(again, 0, 10);
    expect(error).toHaveBeenCalledWith(
      expect.stringContaining('cut at a damaged record'),
      expect.objectContaining({ offset: at, damage: 'CRC of the body differs' }),
    );
    const kept = readdirSync(join(copy.path, 'damaged')).sort();
    expect(kept.map(Number)).toEqual([at, 4096, 8192, 12288]);
    const damaged = readFileSync(join(copy.path, 'damaged', kept[0] as string));
    expect(damaged.includes(Buffer.alloc(120, 'q'))).toBe(true);
    expect((await appendOne(again)).physicalOffset).toBe(at);
  });

  it('does not take zeros with records behind them for the end of the log', async () => {
    const store = await directory.start({ mappedFileSizeCommitLog: 4096 });
    const results = await appendMany(store, 60, { body: Buffer.alloc(120, 'q') });
    crash();
    rmSync(join(copy.path, 'checkpoint'));
    const [from, to] = [results[5]?.physicalOffset, results[6]?.physicalOffset] as [number, number];
    patch(logPath(copy), (bytes) => bytes.fill(0, from, to));
    const error = jest.fn();
    const again = await copy.start({ mappedFileSizeCommitLog: 4096 }, { log: { ...silentLogger, error } });
    await expectGapless(again, 0, 5);
    expect(error).toHaveBeenCalledWith(
      expect.stringContaining('cut at a damaged record'),
      expect.objectContaining({ file: logPath(copy), position: from, damage: 'zeros where a record should be' }),
    );
    expect(
      readdirSync(join(copy.path, 'damaged'))
        .map(Number)
        .sort((a, b) => a - b),
    ).toEqual([from, 4096, 8192, 12288]);
  });

  it('refuses to start over a damaged record when told to, and changes nothing', async () => {
    const store = await directory.start({ mappedFileSizeCommitLog: 4096 });
    const results = await appendMany(store, 60, { body: Buffer.alloc(120, 'q') });
    crash();
    rmSync(join(copy.path, 'checkpoint'));
    const at = results[40]?.physicalOffset as number;
    const base = at - (at % 4096);
    patch(logPath(copy, base), (bytes) => void (bytes[at - base + 100] = 0));
    const before = readFileSync(logPath(copy, base));
    const stopping = { mappedFileSizeCommitLog: 4096, damagedLogPolicy: 'STOP' } as const;
    await expect(copy.start(stopping)).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      message: expect.stringContaining(
        `${logPath(copy, base)} is damaged at byte ${at - base} (CRC of the body differs)`,
      ),
    });
    expect(readFileSync(logPath(copy, base)).equals(before)).toBe(true);
    expect(existsSync(join(copy.path, 'damaged'))).toBe(false);
    await expectGapless(await copy.start({ mappedFileSizeCommitLog: 4096 }), 0, 40);
  });

  it('does not take a torn end for damage when told to stop at it', async () => {
    const store = await directory.start();
    await appendMany(store, 5);
    const last = await appendOne(store);
    crash();
    patch(logPath(copy), (bytes) => bytes.fill(0, last.physicalOffset + 20));
    await expectGapless(await copy.start({ damagedLogPolicy: 'STOP' }), 0, 5);
  });

  it('says how far it is when it takes long', async () => {
    const store = await directory.start({ mappedFileSizeCommitLog: 4096 });
    await appendMany(store, 60, { body: Buffer.alloc(120, 'q') });
    crash();
    const info = jest.fn();
    const clock = createManualClock();
    // Every look at the time takes 200 ms.
    const slow = { ...clock, monotonic: () => (clock.advance(200), clock.monotonic()) };
    await copy.start({ mappedFileSizeCommitLog: 4096 }, { log: { ...silentLogger, info }, clock: slow });
    const lines = info.mock.calls.filter(([message]) => message === 'recovering the commit log');
    expect(lines.length).toBeGreaterThan(1);
    expect(lines[0]?.[1]).toEqual({ bytes: expect.any(Number), of: 4 * 4096, percent: 33, secondsLeft: 10 });
  });

  it.each([
    ['the only file of the log', 'with a checkpoint', 20],
    ['the only file of the log', 'as Java leaves it', 20],
    ['the last file of the log', 'with a checkpoint', 60],
    ['the last file of the log', 'as Java leaves it', 60],
  ])('says that %s was emptied, %s', async (_what, checkpoint, count) => {
    const config = { mappedFileSizeCommitLog: 8192 };
    const store = await directory.start(config);
    await appendMany(store, count, { body: Buffer.alloc(100) });
    await store.close();
    const lastFile = Math.floor((store.figures().commitLogMaxOffset - 1) / 8192) * 8192;
    truncateSync(logPath(directory, lastFile), 0);
    writeFileSync(join(directory.path, 'abort'), '');
    if (checkpoint === 'as Java leaves it') rmSync(join(directory.path, 'checkpoint'));
    const error = jest.fn();
    await directory.start(config, { log: { ...silentLogger, error } });
    expect(error).toHaveBeenCalledWith(
      'the commit log ends before records that were stored',
      expect.objectContaining({ file: logPath(directory, lastFile), end: lastFile }),
    );
  });

  it('takes away a file that was just made', async () => {
    const store = await directory.start({ mappedFileSizeCommitLog: 4096 });
    await appendMany(store, 5);
    crash();
    writeFileSync(logPath(copy, 4096), '');
    await expectGapless(await copy.start({ mappedFileSizeCommitLog: 4096 }), 0, 5);
  });
});

describe('consume queues', () => {
  async function filled(): Promise<void> {
    const store = await directory.start();
    await appendMany(store, 130);
    await appendMany(store, 20, { queueId: 1 });
    await store.close();
    crash();
  }

  it.each<[string, () => void]>([
    ['all missing', () => rmSync(join(copy.path, 'consumequeue'), { recursive: true })],
    ['one missing', () => rmSync(join(copy.path, 'consumequeue/TopicTest/1'), { recursive: true })],
    ['first file missing', () => rmSync(queuePath(copy, 0, 0))],
    ['file in the middle missing', () => rmSync(queuePath(copy, 0, 1000))],
    ['last file missing', () => rmSync(queuePath(copy, 0, 2000))],
    ['last file empty', () => truncateSync(queuePath(copy, 0, 2000), 0)],
    ['last file short', () => truncateSync(queuePath(copy, 0, 2000), 300)],
    ['last file zeroed', () => writeFileSync(queuePath(copy, 0, 2000), Buffer.alloc(1000))],
    ['file in the middle zeroed', () => writeFileSync(queuePath(copy, 0, 1000), Buffer.alloc(1000))],
    ['last entries zeroed', () => patch(queuePath(copy, 0, 2000), (bytes) => bytes.fill(0, 560))],
    [
      'one that nobody wrote',
      () =>
        cpSync(join(copy.path, 'consumequeue/TopicTest/1'), join(copy.path, 'consumequeue/TopicTest/5'), {
          recursive: true,
        }),
    ],
    [
      'checkpoint missing and last file zeroed after a crash',
      () => {
        rmSync(join(copy.path, 'checkpoint'));
        writeFileSync(join(copy.path, 'abort'), '');
        writeFileSync(queuePath(copy, 0, 2000), Buffer.alloc(1000));
      },
    ],
    ['checkpoint of garbage', () => writeFileSync(join(copy.path, 'checkpoint'), Buffer.alloc(4096, 0x5a))],
  ])('%s: made again as they were', async (_name, damage) => {
    await filled();
    const before = [queuePath(copy), queuePath(copy, 0, 1000), queuePath(copy, 0, 2000), queuePath(copy, 1)].map(
      (path) => readFileSync(path),
    );
    damage();
    const again = await copy.start();
    await expectGapless(again, 0, 130);
    await expectGapless(again, 1, 20);
    expect(again.maxOffset('TopicTest', 5)).toBe(0);
    await again.close();
    const after = [queuePath(copy), queuePath(copy, 0, 1000), queuePath(copy, 0, 2000), queuePath(copy, 1)].map(
      (path) => readFileSync(path),
    );
    expect(after).toEqual(before);
  });

  it.each([
    ['of zeros', (path: string) => writeFileSync(path, Buffer.alloc(1000))],
    ['of another place', (path: string) => cpSync(queuePath(copy, 0, 1000), path)],
  ])('are made again when a file far from their end is %s', async (_name, damage) => {
    const store = await directory.start();
    await appendMany(store, 500);
    await store.close();
    crash();
    const path = queuePath(copy, 0, 3000);
    const before = readFileSync(path);
    damage(path);
    const again = await copy.start();
    await expectGapless(again, 0, 500);
    await again.close();
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('ahead of a log that lost its end are cut, on disk too', async () => {
    await filled();
    rmSync(join(copy.path, 'checkpoint'));
    const second = await directory.start();
    const { physicalOffset } = (await appendMany(second, 1, { queueId: 1 }))[0] as { physicalOffset: number };
    await second.close();
    crash();
    patch(logPath(copy), (bytes) => bytes.fill(0, physicalOffset));
    const again = await copy.start();
    expect(again.maxOffset('TopicTest', 1)).toBe(20);
    await again.close();
    expect(
      readFileSync(queuePath(copy, 1))
        .subarray(400)
        .every((byte) => byte === 0),
    ).toBe(true);
  });

  it('of a log whose beginning is gone begin where it begins', async () => {
    const store = await directory.start({ mappedFileSizeCommitLog: 4096 });
    const results = await appendMany(store, 100, { body: Buffer.alloc(100) });
    await store.close();
    rmSync(logPath(directory, 0));
    const first = results.findIndex(({ physicalOffset }) => physicalOffset >= 4096);
    for (const change of [() => undefined, () => rmSync(join(directory.path, 'consumequeue'), { recursive: true })]) {
      change();
      const again = await directory.start({ mappedFileSizeCommitLog: 4096 });
      expect([again.minOffset('TopicTest', 0), again.maxOffset('TopicTest', 0)]).toEqual([first, 100]);
      expect((await readQueue(again)).length).toBe(100 - first);
      expect((await again.get({ topic: 'TopicTest', queueId: 0, offset: 0, maxMessages: 1 })).status).toBe(
        'OFFSET_TOO_SMALL',
      );
      await again.close();
    }
    // What was filled before the first message says so, as Java's does.
    expect(readFileSync(queuePath(directory)).readInt32BE(8)).toBe(0x7fffffff);
  });

  it('follow a topic that was deleted and began anew', async () => {
    const store = await directory.start();
    await appendMany(store, 10);
    await store.deleteTopic('TopicTest');
    const anew = await appendMany(store, 3, { body: Buffer.from('anew') });
    await store.close();
    rmSync(join(directory.path, 'consumequeue'), { recursive: true });
    const again = await directory.start();
    expect((await readQueue(again)).map(({ body, physicalOffset }) => [body.toString(), physicalOffset])).toEqual(
      anew.map(({ physicalOffset }) => ['anew', physicalOffset]),
    );
  });
});

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
