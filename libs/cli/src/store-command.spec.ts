import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StoreDirectory, appendOne, createManualClock } from '../../testkit/src/index.js';
import { createRecordingHost, type RecordingHost } from '../../testkit/src/recording-host.js';
import { createProgressLine } from './progress-line.js';
import { runStoreCommand } from './store-command.js';

let directory: StoreDirectory;
beforeEach(async () => {
  directory = new StoreDirectory();
  const store = await directory.start();
  for (let i = 0; i < 5; i++) {
    const properties = `TAGS\u0001red\u0002KEYS\u0001order${i}\u0002`;
    await appendOne(store, { queueId: i % 2, body: Buffer.from(`body\n${i}`), properties, tagsCode: 112_785 });
  }
  await store.close();
});
afterEach(() => directory.remove());

async function run(...args: string[]): Promise<{ code: number; host: RecordingHost }> {
  const host = createRecordingHost();
  const clock = createManualClock();
  return { code: await runStoreCommand(['store', ...args], host, clock), host };
}

describe('store inspect', () => {
  it('prints a table, and JSON for programs', async () => {
    const { code, host } = await run('inspect', directory.path);
    expect(code).toBe(0);
    expect(host.stdout).toMatch(/ commitlog +1 +0 +\d+ +64\.0 KiB/);
    expect(host.stdout).toMatch(/ TopicTest +0 +0 +3 +3 +0\n +TopicTest +1 +0 +2 +2 +0\n/);
    expect(host.stdout).toMatch(/ checkpoint: count +2 queues/);
    const json = await run('inspect', directory.path, '--json', '--topic', 'Other');
    expect(JSON.parse(json.host.stdout)).toMatchObject({ queues: [], log: { files: 1, minOffset: 0 } });
  });
});

describe('store verify', () => {
  it('ends with 0 on a whole store and 1 with faults, which it names', async () => {
    const whole = await run('verify', directory.path);
    expect([whole.code, whole.host.stdout.split('\n').at(-2)]).toEqual([0, 'whole, 0 notes']);
    const log = join(directory.path, 'commitlog/00000000000000000000');
    const bytes = readFileSync(log);
    bytes[90] = 0;
    writeFileSync(log, bytes);
    const { code, host } = await run('verify', directory.path);
    expect(code).toBe(1);
    expect(host.stdout).toMatch(
      /^fault commitlog\/0{20} at byte 0: no whole record: CRC of the body differs; the next record is at \d+\n {6}recovery begins at \d+ and leaves it/,
    );
    const json = await run('verify', directory.path, '--json', '--progress');
    expect([json.code, json.host.stderr]).toEqual([1, expect.stringMatching(/ of 64.0 KiB, 0 %, /)]);
    // Of the log, of the queue entry and of the index item.
    expect(JSON.parse(json.host.stdout)).toMatchObject({ faults: 3, records: 4, isAtRest: true });
  });

  it.each([
    [['verify'], "missing required argument 'directory'"],
    [['verify', 'nowhere'], 'there is no directory nowhere'],
    [['verify', '.', '--index-slots', 'x'], 'It must be a whole number'],
    [['check', '.'], "unknown command 'check'"],
  ])('ends with 2 when it cannot run: %j', async (args, reason) => {
    const { code, host } = await run(...args);
    expect([code, host.stdout]).toEqual([2, '']);
    expect(host.stderr).toContain(`nestjs-rocketmq: `);
    expect(host.stderr).toContain(reason);
  });

  it('prints its help', async () => {
    const { code, host } = await run('verify', '--help');
    expect([code, host.stderr]).toEqual([0, '']);
    expect(host.stdout).toContain('--progress');
  });
});

describe('store dump', () => {
  it('prints a line for each record, with the payload only when asked', async () => {
    const { code, host } = await run('dump', directory.path, '--queue', '1');
    expect(code).toBe(0);
    expect(host.stdout).toMatch(
      /^\d+ \d+ TopicTest\/1@0 \S+Z keys=order1 tags=red body=6\n\d+ \d+ TopicTest\/1@1 \S+Z keys=order3 tags=red body=6\n$/,
    );
    const text = await run('dump', directory.path, '--key', 'order4', '--body', 'text');
    expect(text.host.stdout).toMatch(/ body=6 body\\x0a4\n$/);
    const json = await run('dump', directory.path, '--limit', '1', '--json', '--body', 'hex');
    expect(JSON.parse(json.host.stdout)).toMatchObject({ queueOffset: 0, bodyLength: 6, body: '626f64790a30' });
    expect((await run('dump', directory.path, '--json')).host.stdout).not.toContain('"body":');
  });

  it('finds records of a queue whose files are gone, and says what is damaged on the way', async () => {
    rmSync(join(directory.path, 'consumequeue'), { recursive: true });
    const log = join(directory.path, 'commitlog/00000000000000000000');
    const bytes = readFileSync(log);
    bytes[90] = 0;
    writeFileSync(log, bytes);
    const { code, host } = await run('dump', directory.path, '--topic', 'TopicTest', '--queue', '0', '--from', '1');
    expect([code, host.stdout.match(/@\d/g)]).toEqual([0, ['@1', '@2']]);
    expect(host.stderr).toMatch(/^nestjs-rocketmq: no whole record at 0: CRC of the body differs; going on at \d+\n$/);
  });
});

describe('the progress line', () => {
  it('tells bytes, percent and time left, now and then', () => {
    const host = createRecordingHost();
    const clock = createManualClock();
    const progress = createProgressLine(host, clock, true);
    progress.show(0, 4096);
    clock.advance(500);
    progress.show(1024, 4096);
    clock.advance(500);
    progress.show(1024, 4096);
    progress.clear();
    expect(host.stderr).toBe('0 B of 4.0 KiB, 0 %, ? s left\n1.0 KiB of 4.0 KiB, 25 %, 3 s left\n');
  });
});
