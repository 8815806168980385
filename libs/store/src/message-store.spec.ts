import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { configDefaults, silentLogger, systemClock } from '../../common/src/index.js';
import { decodeMessages } from '../../protocol/src/message/index.js';
import { storeConfigTable, type StoreConfig } from './config.js';
import type { AppendMessage, AppendResult, MessageStore } from './contract.js';
import { createMessageStore } from './message-store.js';

let root: string;
const open: MessageStore[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'store-'));
});

afterEach(async () => {
  for (const store of open.splice(0)) await store.close();
  rmSync(root, { recursive: true, force: true });
});

async function start(changes: Partial<StoreConfig> = {}): Promise<MessageStore> {
  const config = {
    ...configDefaults(storeConfigTable),
    storePathRootDir: root,
    mappedFileSizeCommitLog: 64 * 1024,
    mappedFileSizeConsumeQueue: 1000,
    ...changes,
  };
  const store = createMessageStore(config, { clock: systemClock, log: silentLogger });
  await store.start();
  open.push(store);
  return store;
}

function message(changes: Partial<AppendMessage> = {}): AppendMessage {
  return {
    topic: 'TopicTest',
    queueId: 0,
    flag: 0,
    sysFlag: 0,
    bornTimestamp: 1_700_000_000_123,
    bornHost: { ip: '10.0.0.7', port: 4321 },
    storeHost: { ip: '127.0.0.1', port: 10911 },
    reconsumeTimes: 0,
    preparedTransactionOffset: 0,
    body: Buffer.from('hello'),
    properties: 'TAGS\u0001a\u0002',
    tagsCode: 97,
    waitForFlush: true,
    ...changes,
  };
}

function append(store: MessageStore, each: AppendMessage): Promise<AppendResult> {
  return new Promise((resolve) => store.append(each, resolve));
}

describe('message store', () => {
  it('gives back what was appended, also after a restart', async () => {
    const store = await start();
    const results = await Promise.all(
      Array.from({ length: 300 }, (_, i) => append(store, message({ body: Buffer.from(`body ${i} `.repeat(i)) }))),
    );
    expect(results.map((r) => [r.status, r.queueOffset])).toEqual(results.map((_, i) => ['OK', i]));
    await store.close();
    const again = await start();
    expect(again.maxOffset('TopicTest', 0)).toBe(300);
    for (let offset = 0; offset < 300;) {
      const got = await again.get({ topic: 'TopicTest', queueId: 0, offset, maxMessages: 32 });
      expect(got.status).toBe('FOUND');
      for (const record of decodeMessages(Buffer.concat(got.slices))) {
        expect(record.queueOffset).toBe(offset);
        expect(record.body.toString()).toBe(`body ${offset} `.repeat(offset));
        offset++;
      }
      expect(got.nextBeginOffset).toBe(offset);
    }
  });
});
