import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MessageStore } from '../../libs/store/src/index.js';
import { StoreDirectory, appendOne, readQueue } from '../../libs/testkit/src/index.js';

// Directories that Apache's brokers wrote (mappedFileSizeCommitLog=65536, mappedFileSizeConsumeQueue=1000), and beside
// each what its producer was told: queue, offset, length and CRC-32 of the body, key, tag.

const fixtures = join(process.cwd(), 'test/store/fixtures');

let directory: StoreDirectory;
beforeEach(() => void (directory = new StoreDirectory()));
afterEach(() => directory.remove());

async function open(name: string): Promise<MessageStore> {
  cpSync(join(fixtures, name), directory.path, { recursive: true });
  return directory.start();
}

function sent(name: string): string[] {
  return readFileSync(join(fixtures, `${name}.txt`), 'utf8')
    .trimEnd()
    .split('\n');
}

async function found(store: MessageStore): Promise<string[]> {
  const queues = await Promise.all([0, 1, 2, 3].map((queueId) => readQueue(store, 'JavaTopic', queueId)));
  return queues.flat().map(({ queueId, queueOffset, body, properties }) => {
    const value = (key: string): string =>
      new RegExp(`(?:^|\u0002)${key}\u0001([^\u0002]*)`).exec(properties)?.[1] ?? '';
    return [queueId, queueOffset, body.length, crc32(body), value('KEYS'), value('TAGS')].join(' ');
  });
}

describe.each(['java-4-9-7-stopped', 'java-5-3-3-killed'])('%s', (name) => {
  it('opens, serves every message, and goes on', async () => {
    const store = await open(name);
    expect(await found(store)).toEqual(sent(name));
    const next = store.maxOffset('JavaTopic', 2);
    expect((await appendOne(store, { topic: 'JavaTopic', queueId: 2 })).queueOffset).toBe(next);
    await store.close();
    expect(existsSync(join(directory.path, 'abort'))).toBe(false);
    const again = await directory.start();
    expect((await found(again)).length).toBe(sent(name).length + 1);
  });

  it('makes the queues again as Java made them', async () => {
    const store = await open(name);
    await store.close();
    rmSync(join(directory.path, 'consumequeue'), { recursive: true });
    await (await directory.start()).close();
    for (const queueId of [0, 1, 2, 3]) {
      const file = `consumequeue/JavaTopic/${queueId}/00000000000000000000`;
      expect(readFileSync(join(directory.path, file)).equals(readFileSync(join(fixtures, name, file)))).toBe(true);
    }
  });

  it('finds messages by Java tag codes', async () => {
    const store = await open(name);
    const wanted = sent(name).filter((line) => line.startsWith('1 ') && line.endsWith(' Tag2'));
    // "Tag2".hashCode()
    const matches = (tagsCode: number): boolean => tagsCode === 2_598_904;
    const got = await store.get({ topic: 'JavaTopic', queueId: 1, offset: 0, maxMessages: 32, matches });
    expect(got.queueOffsets.map(String)).toEqual(wanted.map((line) => line.split(' ')[1]));
  });
});
