import { basename, join } from 'node:path';
import { silentLogger, type LogContext } from '../../../libs/common/src/index.js';
import { decodeMessage, propertyOf } from '../../../libs/protocol/src/message/index.js';
import type { MessageStore, StoreConfig } from '../../../libs/store/src/index.js';
import {
  crashImage,
  createManualClock,
  createMemoryDisk,
  loadDirectory,
  smallStoreConfig,
  type MemoryDisk,
} from '../../../libs/testkit/src/index.js';
import { fieldsOf, fileKind } from './file-fields.js';
import { openStore, queryKey, storeLife } from '../images/store-life.js';
import { queuePlaces, type QueuePlace } from '../images/sent-messages.js';

interface OpenedStore {
  readonly name: string;
  readonly config: StoreConfig;
  readonly disk: MemoryDisk;
  readonly now: number;
  readonly places: readonly QueuePlace[];
}

/** A store that ended well, to be spoiled; and what it serves as long as nobody does. */
export interface SoundStore extends OpenedStore {
  readonly served: ReadonlyMap<string, Buffer>;
  /** Everything in the log, by physical offset. */
  readonly records: ReadonlyMap<number, Buffer>;
}

export interface Reading {
  /** Records by "topic/queue@offset", as handed out. */
  readonly served: ReadonlyMap<string, Buffer>;
  /** Warnings and errors of the log, and why a start was refused. */
  readonly said: readonly string[];
  readonly isRefused: boolean;
  /** Records that queries by unique key found; empty when nobody asked. */
  readonly found: ReadonlyMap<string, readonly Buffer[]>;
}

/** A message to be asked for by its unique key. */
export interface KeyedMessage {
  readonly topic: string;
  readonly key: string;
}

/** Ours, from random lives, and Apache's. */
export async function soundStores(seed: number, count: number): Promise<SoundStore[]> {
  const stores: SoundStore[] = [];
  for (let life = 0; life < count; life++) {
    const { disk, config, now } = await storeLife(seed * 1000 + life);
    const left = crashImage(disk, { kind: 'kill', moment: disk.moment, tornTo: 0 });
    const ours = {
      name: `ours-${life}`,
      config,
      disk: left,
      now,
      places: queuePlaces,
      served: new Map<string, Buffer>(),
    };
    await readStore(ours, left, { isClosing: true });
    stores.push(await withServed(ours));
  }
  const config = smallStoreConfig('/store', { mappedFileSizeCommitLog: 65536, mappedFileSizeConsumeQueue: 1000 });
  const places = [0, 1, 2, 3].map((queueId) => ({ topic: 'JavaTopic', queueId }));
  for (const name of ['java-4-9-7-stopped', 'java-5-3-3-killed']) {
    const disk = createMemoryDisk();
    loadDirectory(disk, join(process.cwd(), 'test/store/fixtures', name), '/store');
    // Without a stop of ours its checkpoint is Java's.
    const now = createManualClock().now();
    stores.push(await withServed({ name, config, disk, now, places }));
  }
  return stores;
}

async function withServed(store: OpenedStore): Promise<SoundStore> {
  const { served } = await readStore(store, store.disk.copy());
  return { ...store, served, records: recordsOf(store.disk) };
}

function recordsOf(disk: MemoryDisk): Map<number, Buffer> {
  const records = new Map<number, Buffer>();
  for (const [path, file] of disk.files) {
    if (fileKind(path) !== 'commitlog') continue;
    const bytes = file.contents();
    for (const { name, unitStart } of fieldsOf(path, bytes, 0)) {
      if (name !== 'total size') continue;
      const end = unitStart + bytes.readInt32BE(unitStart);
      records.set(Number(basename(path)) + unitStart, bytes.subarray(unitStart, end));
    }
  }
  return records;
}

/** The messages of a sound store that can be asked for by key. */
export function keyedMessages({ served }: SoundStore): KeyedMessage[] {
  return [...served.values()].flatMap((bytes) => {
    const { topic, properties } = decodeMessage(bytes);
    const key = propertyOf(properties, 'UNIQ_KEY');
    return key === undefined ? [] : [{ topic, key }];
  });
}

/** Starts a store on the disk and asks for everything in it. */
export async function readStore(
  sound: OpenedStore,
  disk: MemoryDisk,
  { isClosing = false, keys = [] }: { readonly isClosing?: boolean; readonly keys?: readonly KeyedMessage[] } = {},
): Promise<Reading> {
  const found = new Map<string, readonly Buffer[]>();
  const said: string[] = [];
  const served = new Map<string, Buffer>();
  const say = (text: string, context?: LogContext): void => void said.push(`${text} ${JSON.stringify(context)}`);
  const log = { ...silentLogger, warn: say, error: say };
  const store = openStore(disk, sound.config, createManualClock(sound.now), log);
  try {
    await store.start();
  } catch (error) {
    say(String(error));
    return { served, said, isRefused: true, found };
  }
  for (const place of sound.places) await readQueue(store, place, served);
  for (const { topic, key } of keys) {
    const records = await queryKey(store, topic, key);
    if (records) found.set(key, records);
  }
  if (isClosing) await store.close();
  return { served, said, isRefused: false, found };
}

async function readQueue(store: MessageStore, place: QueuePlace, served: Map<string, Buffer>): Promise<void> {
  const { topic, queueId } = place;
  // Spoiled queues may claim any length; nobody sent so many.
  const end = Math.min(store.maxOffset(topic, queueId), store.minOffset(topic, queueId) + 2000);
  for (let offset = store.minOffset(topic, queueId); offset < end;) {
    const got = await store.get({ ...place, offset, maxMessages: 32 });
    const bytes = Buffer.concat(got.slices);
    for (let at = 0, i = 0; at < bytes.length; i++) {
      const { totalSize } = decodeMessage(bytes, at);
      served.set(`${topic}/${queueId}@${got.queueOffsets[i]}`, bytes.subarray(at, at + totalSize));
      at += totalSize;
    }
    if (got.nextBeginOffset <= offset) throw new Error(`${topic}/${queueId}: a pull of ${offset} leads nowhere`);
    offset = got.nextBeginOffset;
  }
}
