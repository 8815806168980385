import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configDefaults, silentLogger, systemClock, type Clock, type Logger } from '../../common/src/index.js';
import { decodeMessages, type MessageRecord } from '../../protocol/src/message/index.js';
import {
  createMessageStore,
  storeConfigTable,
  type AppendBatch,
  type AppendMessage,
  type AppendResult,
  type Disk,
  type GetRequest,
  type MessageStore,
  type StoreConfig,
} from '../../store/src/index.js';
import { unsyncedDisk } from './fault-fs/index.js';

export interface StoreDirectoryPorts {
  readonly clock?: Clock;
  readonly disk?: Disk;
  readonly log?: Logger;
  readonly filterBitMapOf?: (topic: string, record: Buffer) => Buffer | undefined;
}

const defaults = { clock: systemClock, log: silentLogger, disk: unsyncedDisk };

/** A store whose files are small, so that they roll within a few messages. */
export function smallStoreConfig(storePathRootDir: string, changes: Partial<StoreConfig> = {}): StoreConfig {
  return {
    ...configDefaults(storeConfigTable),
    storePathRootDir,
    mappedFileSizeCommitLog: 64 * 1024,
    mappedFileSizeConsumeQueue: 50 * 20,
    maxHashSlotNum: 100,
    maxIndexNum: 400,
    ...changes,
  };
}

/** A temporary directory in which stores with small files are started, one after the other. */
export class StoreDirectory {
  readonly path: string;
  private readonly stores: MessageStore[] = [];

  constructor(parent: string = tmpdir()) {
    this.path = mkdtempSync(join(parent, 'store-'));
  }

  config(changes: Partial<StoreConfig> = {}): StoreConfig {
    return smallStoreConfig(this.path, changes);
  }

  create(changes: Partial<StoreConfig> = {}, ports: StoreDirectoryPorts = {}): MessageStore {
    const store = createMessageStore(this.config(changes), { ...defaults, ...ports });
    this.stores.push(store);
    return store;
  }

  async start(changes: Partial<StoreConfig> = {}, ports: StoreDirectoryPorts = {}): Promise<MessageStore> {
    const store = this.create(changes, ports);
    await store.start();
    return store;
  }

  /** Closes what was started here and removes the directory. */
  async remove(): Promise<void> {
    // Tests that break the disk have seen the error already.
    for (const store of this.stores.splice(0)) await store.close().catch(() => undefined);
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** With properties to look at. */
export interface TextMessage extends AppendMessage {
  readonly body: Buffer;
  readonly properties: string;
}

export function batchOf(messages: readonly AppendMessage[]): AppendBatch {
  return { count: messages.length, at: (place) => messages[place] as AppendMessage };
}

export function storeMessage(changes: Partial<TextMessage> = {}): TextMessage {
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

export function appendOne(store: MessageStore, changes: Partial<AppendMessage> = {}): Promise<AppendResult> {
  return new Promise((resolve) => store.append({ ...storeMessage(), ...changes }, resolve));
}

/** So many messages in one tick, with a body that tells them apart. */
export function appendMany(
  store: MessageStore,
  count: number,
  changes: Partial<AppendMessage> = {},
): Promise<AppendResult[]> {
  return Promise.all(
    Array.from({ length: count }, (_, i) => appendOne(store, { body: Buffer.from(`body ${i}`), ...changes })),
  );
}

/** Everything in a queue, pulled as a consumer would. Throws when a pull in range finds nothing. */
export async function readQueue(
  store: MessageStore,
  topic = 'TopicTest',
  queueId = 0,
  request: Partial<GetRequest> = {},
): Promise<MessageRecord[]> {
  const records: MessageRecord[] = [];
  let offset = store.minOffset(topic, queueId);
  while (offset < store.maxOffset(topic, queueId)) {
    const got = await store.get({ topic, queueId, offset, maxMessages: 32, ...request });
    if (got.status !== 'FOUND') throw new Error(`${topic}/${queueId} at ${offset}: ${got.status}`);
    records.push(...decodeMessages(Buffer.concat(got.slices)));
    offset = got.nextBeginOffset;
  }
  return records;
}
