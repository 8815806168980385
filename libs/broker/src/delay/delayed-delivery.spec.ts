import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Logger } from '../../../common/src/index.js';
import { decodeProperties } from '../../../protocol/src/index.js';
import { DelayLevels, type AppendResult, type MessageStore } from '../../../store/src/index.js';
import {
  appendOne,
  createManualClock,
  readQueue,
  StoreDirectory,
  storeMessage,
  type ManualClock,
} from '../../../testkit/src/index.js';
import { eventually } from '../../../testkit/src/eventually.js';
import { resolveBrokerConfig, type BrokerConfig } from '../broker-config.js';
import { BrokerStats } from '../stats/broker-stats.js';
import { delayed } from './delayed-message.js';
import { DelayedDelivery } from './delayed-delivery.js';

const never = 2 ** 31 - 1;
const schedule = 'SCHEDULE_TOPIC_XXXX';
const messageDelayLevel = '1s 5s 0s 1h';
const levels = new DelayLevels(messageDelayLevel);

let clock: ManualClock;
let directory: StoreDirectory;
let store: MessageStore;
let delivery: DelayedDelivery;
let errors: string[];
const log: Logger = {
  debug() {},
  info() {},
  warn() {},
  error: (message) => void errors.push(message),
};

interface Running {
  /** The store as deliveries see it. */
  readonly seen?: Partial<MessageStore>;
  readonly config?: Partial<BrokerConfig>;
}
const start = async ({ seen = {}, config: changes = {} }: Running = {}): Promise<void> => {
  const config = resolveBrokerConfig({ ...directory.config(), messageDelayLevel, ...changes });
  store = await directory.start({ messageDelayLevel, ...changes }, { clock });
  const seenStore = new Proxy(store, {
    get: (whole, name) => Reflect.get({ ...seen }, name) ?? Reflect.get(whole, name),
  });
  delivery = new DelayedDelivery({
    config,
    clock,
    log,
    store: seenStore,
    stats: new BrokerStats(clock, 'DefaultCluster'),
    delayLevels: levels,
  });
  await delivery.start();
};
const stop = async (): Promise<void> => {
  await delivery.close();
  await store.close();
  await delivery.saveLast();
};
beforeEach(() => {
  clock = createManualClock();
  directory = new StoreDirectory();
  errors = [];
});
afterEach(async () => {
  await stop();
  await directory.remove();
});

const send = async (
  body: string,
  level = 1,
  changes: Parameters<typeof storeMessage>[0] = {},
): Promise<AppendResult> => {
  const result = await appendOne(store, delayed(storeMessage({ body: Buffer.from(body), ...changes }), level, levels));
  expect(result.status).toBe('OK');
  return result;
};
const delivered = async (count: number): Promise<string[]> => {
  await eventually(() => store.maxOffset('TopicTest', 0) >= count);
  return (await readQueue(store)).map(({ body }) => String(body));
};
/** So many turns of the event loop, in which anything that is due would have been delivered. */
const turns = async (count = 20): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise(setImmediate);
};
const offsetFile = (): string => join(directory.path, 'config', 'delayOffset.json');
const writeOffsets = (text: string): void => {
  mkdirSync(join(directory.path, 'config'), { recursive: true });
  writeFileSync(offsetFile(), text);
};

describe('a delayed message', () => {
  it('waits in the queue of its level, which keeps the instant of its delivery', async () => {
    await start();
    const { queueOffset, storeTimestamp, physicalOffset } = await send('a', 2, { topic: '%RETRY%g', queueId: 3 });
    const [unit] = (await store.queueUnits(schedule, 1, queueOffset, 1)) ?? [];
    expect(unit).toMatchObject({ physicalOffset, tagsCode: storeTimestamp + 5000 });
    const [waiting] = await readQueue(store, schedule, 1);
    expect(Object.fromEntries(decodeProperties(waiting?.properties ?? ''))).toEqual({
      TAGS: 'a',
      DELAY: '2',
      REAL_TOPIC: '%RETRY%g',
      REAL_QID: '3',
    });
  });

  it('is delivered when its time has come, and not a millisecond earlier', async () => {
    await start();
    await send('a', 2);
    clock.advance(4999);
    await turns();
    expect(store.maxOffset('TopicTest', 0)).toBe(0);
    clock.advance(1);
    expect(await delivered(1)).toEqual(['a']);
    const [unit] = (await store.queueUnits('TopicTest', 0, 0, 1)) ?? [];
    expect(unit?.tagsCode).toBe(storeMessage().tagsCode);
  });

  it('of a level without delay is delivered at once, one beyond the highest as the highest', async () => {
    await start();
    await send('at once', 3);
    await delivered(1);
    await send('late', 99);
    clock.advance(3_599_999);
    await turns();
    clock.advance(1);
    expect(await delivered(2)).toEqual(['at once', 'late']);
  });

  it('is one of thousands, which come in their order and let others run', async () => {
    await start();
    await Promise.all(Array.from({ length: 3000 }, (_, i) => send(`body ${i}`)));
    clock.advance(1000);
    let most = 0;
    for (let before = 0; before < 3000; before = store.maxOffset('TopicTest', 0)) {
      await new Promise(setImmediate);
      most = Math.max(most, store.maxOffset('TopicTest', 0) - before);
    }
    expect(await delivered(3000)).toEqual(Array.from({ length: 3000 }, (_, i) => `body ${i}`));
    expect(most).toBeLessThanOrEqual(64);
  });
});

describe('a clock', () => {
  it('set forward is noticed within a second', async () => {
    await start();
    await send('a', 4);
    await turns();
    clock.jump(3_600_000);
    clock.advance(1000);
    expect(await delivered(1)).toEqual(['a']);
  });

  it('set back makes no message wait longer than its level, nor come earlier', async () => {
    await start();
    await send('a', 2);
    await send('b', 2);
    clock.jump(-24 * 3_600_000);
    clock.advance(1000);
    await turns();
    clock.advance(4999);
    await turns();
    expect(store.maxOffset('TopicTest', 0)).toBe(0);
    clock.advance(1);
    await turns();
    await send('c', 2);
    clock.advance(1);
    expect(await delivered(2)).toEqual(['a', 'b']);
    clock.advance(4999);
    expect(await delivered(3)).toEqual(['a', 'b', 'c']);
  });
});

describe('what cannot be stored', () => {
  it('is tried again until it can, and nothing behind it goes first', async () => {
    let failures = 5;
    const append: MessageStore['append'] = (message, done) => {
      const fails =
        message.topic === 'TopicTest' && (message.body as Buffer).equals(Buffer.from('b')) && failures-- > 0;
      store.append(fails ? { ...message, topic: 'no/topic' } : message, done);
    };
    await start({ seen: { append } });
    for (const body of ['a', 'b', 'c', 'd']) await send(body);
    for (let i = 0; i < 60; i++) {
      clock.advance(1000);
      await turns(5);
    }
    const bodies = await delivered(4);
    // What was appended together with the failing one came early once, and comes again in its place.
    expect(bodies).toEqual(['a', 'c', 'd', 'b', 'c', 'd']);
    expect(errors).toHaveLength(5);
  });
});

describe('what cannot be read', () => {
  it('is passed over with a line, without losing others', async () => {
    let offset = -1;
    const read: MessageStore['read'] = (at, size) => (at === offset ? undefined : store.read(at, size));
    await start({ seen: { read } });
    await send('a');
    offset = (await send('b')).physicalOffset;
    await send('c');
    clock.advance(1000);
    expect(await delivered(2)).toEqual(['a', 'c']);
    expect(errors).toEqual(['a delayed message is passed over']);
  });

  it('for the time being is read later', async () => {
    let failures = 2;
    const read: MessageStore['read'] = (at, size) => {
      if (failures-- > 0) return Promise.reject(new Error('EIO'));
      return store.read(at, size);
    };
    await start({ seen: { read } });
    await send('a');
    for (let i = 0; i < 5; i++) {
      clock.advance(1000);
      await turns(5);
    }
    expect(await delivered(1)).toEqual(['a']);
    expect(errors).toHaveLength(2);
  });

  it.each([
    ['no place', (properties: string) => properties.replace('REAL_TOPIC', 'REAL')],
    ['a place outside of the store', (properties: string) => properties.replace('TopicTest', '../../etc')],
    ['no queue', (properties: string) => properties.replace('REAL_QID\u00010', 'REAL_QID\u0001-1')],
    ['the delay topic itself', (properties: string) => properties.replace('TopicTest', schedule)],
  ])('because it says %s is passed over', async (_title, change) => {
    await start();
    const message = delayed(storeMessage(), 1, levels);
    await appendOne(store, { ...message, properties: change(String(message.properties)) });
    await send('b');
    clock.advance(1000);
    expect(await delivered(1)).toEqual(['b']);
    expect(errors).toEqual(['a delayed message is passed over']);
  });
});

describe('a restart', () => {
  it('goes on where it was', async () => {
    await start();
    await send('a');
    clock.advance(1000);
    await delivered(1);
    await send('b');
    await send('c', 2);
    await stop();
    expect(readFileSync(offsetFile(), 'utf8')).toBe('{\n\t"offsetTable":{1:1\n\t}\n}');
    clock.advance(4000);
    await start();
    expect(await delivered(2)).toEqual(['a', 'b']);
    clock.advance(1000);
    expect(await delivered(3)).toEqual(['a', 'b', 'c']);
  });

  it('after a kill delivers all that waits, and what it had not written down once more', async () => {
    await start({ config: { flushCommitLogThoroughInterval: 1000 } });
    await send('a');
    clock.advance(1000);
    await delivered(1);
    for (let i = 0; i < 3; i++) {
      clock.advance(10_000);
      await turns();
    }
    await eventually(() => existsSync(offsetFile()));
    await send('b');
    clock.advance(1000);
    await delivered(2);
    await send('c');
    await send('d', 2);
    const left = new StoreDirectory();
    cpSync(directory.path, left.path, { recursive: true });
    await stop();
    await directory.remove();
    directory = left;
    await start();
    const [unit] = (await store.queueUnits(schedule, 1, 0, 1)) ?? [];
    expect(unit?.tagsCode).toBe(clock.now() + 5000);
    expect(await delivered(3)).toEqual(['a', 'b', 'b']);
    clock.advance(1000);
    expect(await delivered(4)).toEqual(['a', 'b', 'b', 'c']);
    clock.advance(4000);
    expect(await delivered(5)).toEqual(['a', 'b', 'b', 'c', 'd']);
  });

  it.each([
    ['beyond the queue', 99, []],
    ['before it', -5, ['a']],
  ])('with an offset %s takes the nearer end', async (_title, offset, again) => {
    await start();
    await send('a', 4);
    await stop();
    writeOffsets(`{"offsetTable":{4:${offset}}}`);
    await start();
    await send('b', 4);
    clock.advance(3_600_000);
    expect(await delivered(again.length + 1)).toEqual([...again, 'b']);
    expect(errors).toEqual(['the offset of a delay level is outside of its queue']);
  });

  it('without a queue that its offset was for begins with the first message', async () => {
    writeOffsets('{"offsetTable":{1:100}}');
    await start();
    await send('a');
    clock.advance(1000);
    expect(await delivered(1)).toEqual(['a']);
  });

  it('with a table it cannot read fails, and leaves it as it is', async () => {
    writeOffsets('{"offsetTable":{1:"x"');
    await expect(start()).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    await stop();
    expect(readFileSync(offsetFile(), 'utf8')).toBe('{"offsetTable":{1:"x"');
  });

  it('keeps what it does not know of: levels that were configured, and the version of 5.x', async () => {
    writeOffsets('{"dataVersion":{"counter":3,"stateVersion":7,"timestamp":1},"offsetTable":{17:5}}');
    await start();
    await send('a', 3);
    await delivered(1);
    await stop();
    expect(readFileSync(offsetFile(), 'utf8').replaceAll(/\s/g, '')).toBe(
      `{"dataVersion":{"counter":4,"stateVersion":7,"timestamp":${clock.now()}},"offsetTable":{17:5,3:1}}`,
    );
  });
});

it('closes in peace when it never started', async () => {
  await start();
  await stop();
  const idle = new StoreDirectory();
  const config = resolveBrokerConfig(idle.config());
  const stats = new BrokerStats(clock, 'DefaultCluster');
  const never = new DelayedDelivery({
    config,
    clock,
    log,
    store: idle.create({}, { clock }),
    stats,
    delayLevels: levels,
  });
  await never.close();
  await never.saveLast();
  await idle.remove();
});

it('begins anew in a queue that was taken away meanwhile', async () => {
  await start();
  for (const body of ['a', 'b', 'c']) await send(body, 3);
  await delivered(3);
  await store.deleteTopic(schedule);
  await send('d', 3);
  expect(await delivered(4)).toEqual(['a', 'b', 'c', 'd']);
  expect(errors).toEqual(['the queue of a delay level moved away']);
});

describe('how far deliveries are', () => {
  it('is written down from time to time', async () => {
    await start({ config: { flushDelayOffsetInterval: 10_000, flushCommitLogThoroughInterval: 1000 } });
    await send('a', 3);
    await delivered(1);
    clock.advance(9999);
    await turns();
    expect(existsSync(offsetFile())).toBe(false);
    clock.advance(10_001);
    await eventually(() => existsSync(offsetFile()));
    expect(readFileSync(offsetFile(), 'utf8')).toContain('{3:1');
  });

  it('is not written down before the disk has what was delivered', async () => {
    await start({ config: { flushIntervalCommitLog: never, flushIntervalConsumeQueue: never } });
    await send('a', 3);
    await delivered(1);
    for (let i = 0; i < 10; i++) {
      clock.advance(10_000);
      await turns();
    }
    await delivery.close();
    expect(existsSync(offsetFile())).toBe(false);
    await stop();
    expect(readFileSync(offsetFile(), 'utf8')).toContain('{3:1');
  });
});
