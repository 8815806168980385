import { cpSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Logger } from '../../../../common/src/index.js';
import { decodeProperties } from '../../../../protocol/src/index.js';
import { DelayLevels, type AppendResult, type MessageStore } from '../../../../store/src/index.js';
import {
  appendOne,
  createManualClock,
  createMemoryDisk,
  readQueue,
  StoreDirectory,
  storeMessage,
  tableDiskOn,
  unsyncedDisk,
  type ManualClock,
} from '../../../../testkit/src/index.js';
import { eventually } from '../../../../testkit/src/eventually.js';
import { resolveBrokerConfig, type BrokerConfig } from '../../broker-config.js';
import { BrokerStats } from '../../stats/broker-stats.js';
import { scheduled } from '../scheduling.js';
import { TimedDelivery } from './timed-delivery.js';

const timerTopic = 'rmq_sys_wheel_timer';

let clock: ManualClock;
let directory: StoreDirectory;
let store: MessageStore;
let timed: TimedDelivery;
let config: BrokerConfig;
let logged: string[];
/** Real time would pass, and the simulated one with it. */
const tableDisk = tableDiskOn(createMemoryDisk());
const log: Logger = {
  debug() {},
  info() {},
  warn: (message) => void logged.push(message),
  error: (message) => void logged.push(message),
};

interface Running {
  /** The store as deliveries see it. */
  readonly seen?: Partial<MessageStore>;
  readonly changes?: Partial<BrokerConfig>;
}

const start = async ({ seen = {}, changes = {} }: Running = {}): Promise<void> => {
  config = resolveBrokerConfig({
    ...directory.config(),
    timerMaxDelaySec: 259_200,
    timerRollWindowSlot: 86_400,
    ...changes,
  });
  store = await directory.start(changes, { clock });
  const seenStore = new Proxy(store, {
    get: (whole, name) => Reflect.get({ ...seen }, name) ?? Reflect.get(whole, name),
  });
  const stats = new BrokerStats(clock, 'DefaultCluster');
  timed = new TimedDelivery({ config, clock, log, store: seenStore, stats, disk: unsyncedDisk, tableDisk });
  await timed.start();
};
const stop = async (): Promise<void> => {
  await timed.close();
  await store.close();
  await timed.saveLast();
};
/** What a kill leaves: the directory as it is now. */
const kill = async (): Promise<void> => {
  const left = new StoreDirectory();
  cpSync(directory.path, left.path, { recursive: true });
  await stop();
  await directory.remove();
  directory = left;
};
beforeEach(() => {
  clock = createManualClock();
  directory = new StoreDirectory();
  logged = [];
});
afterEach(async () => {
  await stop();
  await directory.remove();
});

const send = async (body: string, asks: Readonly<Record<string, string | number>>): Promise<AppendResult> => {
  const properties = Object.entries({ UNIQ_KEY: `key-${body}`, ...asks })
    .map(([name, value]) => `${name}\u0001${value}\u0002`)
    .join('');
  const delayLevels = new DelayLevels(config.messageDelayLevel);
  const parts = { config, clock, random: () => 0, delayLevels, timed };
  const found = scheduled(parts, storeMessage({ body: Buffer.from(body), properties }), 0);
  if ('kind' in found) throw new Error(found.remark);
  const result = await appendOne(store, found.message);
  expect(result.status).toBe('OK');
  return result;
};
const after = (milliseconds: number): Record<string, number> => ({ TIMER_DELIVER_MS: clock.now() + milliseconds });
const delivered = async (count: number): Promise<string[]> => {
  await eventually(() => store.maxOffset('TopicTest', 0) >= count);
  return (await readQueue(store)).map(({ body }) => String(body));
};
/** So many turns of the event loop, in which anything that is due would have been delivered. */
const turns = async (count = 30): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise(setImmediate);
};
/** Time passes as it does, in steps. */
const pass = async (milliseconds: number, step = 100): Promise<void> => {
  for (let left = milliseconds; left > 0; left -= step) {
    clock.advance(Math.min(left, step));
    await turns(10);
  }
};

describe('a timed message', () => {
  it.each([1, 499, 500, 999, 1000, 1001, 1500, 5000])(
    'due in %d ms comes then, and not a millisecond earlier',
    async (delay) => {
      await start();
      await send('a', after(delay));
      await turns();
      await pass(delay - 1, 250);
      expect(store.maxOffset('TopicTest', 0)).toBe(0);
      clock.advance(1);
      expect(await delivered(1)).toEqual(['a']);
    },
  );

  it('comes with what Java notes beside what was sent', async () => {
    await start();
    clock.advance(300);
    const now = clock.now();
    await send('a', { TIMER_DELAY_MS: 2500, TAGS: 'a' });
    await turns();
    await pass(2500);
    await delivered(1);
    const [message] = await readQueue(store);
    expect(message?.topic).toBe('TopicTest');
    expect(Object.fromEntries(decodeProperties(message?.properties ?? ''))).toEqual({
      UNIQ_KEY: 'key-a',
      TAGS: 'a',
      TIMER_DELAY_MS: '2500',
      TIMER_OUT_MS: String(now - 300 + 2000),
      TIMER_ENQUEUE_MS: String(now - 300),
      TIMER_DEQUEUE_MS: String(now + 2500),
      REAL_TOPIC: 'TopicTest',
      REAL_QID: '0',
    });
    const [unit] = (await store.queueUnits('TopicTest', 0, 0, 1)) ?? [];
    expect(unit?.tagsCode).toBe(storeMessage().tagsCode);
  });

  it('comes in the order of instants within a second, and of sending within a millisecond', async () => {
    await start();
    for (const [body, delay] of [
      ['d', 1900],
      ['b', 1500],
      ['a', 1001],
      ['c', 1500],
      ['e', 2000],
    ] as const) {
      await send(body, after(delay));
    }
    await turns();
    await pass(2000, 1);
    expect(await delivered(5)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('of thousands lets others run, and none is missing', async () => {
    await start();
    const count = 3000;
    await Promise.all(Array.from({ length: count }, (_, i) => send(`${i}`, after(1001 + (i % 1000)))));
    while (timed.figures().waiting < count) await turns();
    clock.advance(5000);
    let most = 0;
    for (let before = 0; before < count; before = store.maxOffset('TopicTest', 0)) {
      await new Promise(setImmediate);
      most = Math.max(most, store.maxOffset('TopicTest', 0) - before);
    }
    expect(new Set(await delivered(count)).size).toBe(count);
    expect(most).toBeLessThanOrEqual(256);
    expect(timed.figures()).toEqual({ readBehind: 0, offsetBehind: 0, waiting: 0 });
  }, 30_000);

  it('whose instant passed before it was taken in comes at once', async () => {
    await start({ changes: { timerStopEnqueue: true } });
    await send('a', after(500));
    clock.advance(60_000);
    await turns();
    expect(store.maxOffset('TopicTest', 0)).toBe(0);
    expect(timed.figures().offsetBehind).toBe(1);
    Object.assign(config, { timerStopEnqueue: false });
    await send('b', after(500));
    await pass(1000);
    expect(await delivered(2)).toEqual(['a', 'b']);
    const [first] = await readQueue(store);
    expect(decodeProperties(first?.properties ?? '').get('TIMER_ENQUEUE_MS')).toBe('9223372036854775807');
  });

  it('stays while deliveries are stopped', async () => {
    await start({ changes: { timerStopDequeue: true } });
    await send('a', after(500));
    await pass(5000);
    expect(store.maxOffset('TopicTest', 0)).toBe(0);
    Object.assign(config, { timerStopDequeue: false });
    await pass(1000);
    expect(await delivered(1)).toEqual(['a']);
  });
});

describe('a cancellation', () => {
  it('takes the message of its key away, and is not delivered itself', async () => {
    await start();
    await send('a', after(5500));
    await send('b', after(5500));
    await send('c', { ...after(5500), TIMER_DEL_UNIQKEY: 'TopicTest+key-a' });
    await turns();
    expect(timed.figures().waiting).toBe(1);
    await pass(6000);
    expect(await delivered(1)).toEqual(['b']);
  });

  it('works in the last second, too', async () => {
    await start();
    await send('a', after(1900));
    await turns();
    await pass(1800);
    await send('c', { TIMER_DELIVER_MS: clock.now() + 100, TIMER_DEL_UNIQKEY: 'TopicTest+key-a' });
    await turns();
    await pass(1000);
    expect(store.maxOffset('TopicTest', 0)).toBe(0);
  });

  it('of another topic or key cancels nothing', async () => {
    await start();
    await send('a', after(1500));
    await send('c', { ...after(1500), TIMER_DEL_UNIQKEY: 'Other+key-a' });
    await turns();
    await pass(2000);
    expect(await delivered(1)).toEqual(['a']);
  });
});

describe('a message that waits longer than the wheel reaches', () => {
  it('is appended to the queue once more, as often as it takes', async () => {
    await start({ changes: { timerRollWindowSlot: 10 } });
    await send('a', after(35_500));
    await send('c', { ...after(30_500), TIMER_DEL_UNIQKEY: 'TopicTest+key-b' });
    await send('b', after(30_500));
    await turns();
    await pass(35_400);
    expect(store.maxOffset('TopicTest', 0)).toBe(0);
    clock.advance(100);
    expect(await delivered(1)).toEqual(['a']);
    const rolls = (await readQueue(store, timerTopic)).map(({ body, properties }) => [
      String(body),
      decodeProperties(properties).get('TIMER_ROLL_TIMES'),
    ]);
    expect(rolls.filter(([body]) => body === 'a')).toEqual([
      ['a', undefined],
      ['a', '1'],
      ['a', '2'],
      ['a', '3'],
    ]);
  });
});

describe('what cannot be stored', () => {
  it('is tried again until it can, alone', async () => {
    let failures = 4;
    const append: MessageStore['append'] = (message, done) => {
      const fails =
        message.topic === 'TopicTest' && (message.body as Buffer).equals(Buffer.from('b')) && failures-- > 0;
      store.append(fails ? { ...message, topic: 'no/topic' } : message, done);
    };
    await start({ seen: { append } });
    for (const body of ['a', 'b', 'c']) await send(body, after(1500));
    await turns();
    await pass(10_000);
    expect(await delivered(3)).toEqual(['a', 'c', 'b']);
    expect(logged).toEqual(Array(4).fill('timed messages could not be stored, they are tried again'));
  });

  it('is tried again, too, when it came too late to wait', async () => {
    let failures = 2;
    const append: MessageStore['append'] = (message, done) => {
      const fails =
        message.topic === 'TopicTest' && (message.body as Buffer).equals(Buffer.from('b')) && failures-- > 0;
      store.append(fails ? { ...message, topic: 'no/topic' } : message, done);
    };
    await start({ seen: { append }, changes: { timerStopEnqueue: true } });
    for (const body of ['a', 'b', 'c']) await send(body, after(500));
    clock.advance(5000);
    await turns();
    Object.assign(config, { timerStopEnqueue: false });
    await send('d', after(1500));
    await pass(10_000);
    expect(await delivered(4)).toEqual(['a', 'c', 'b', 'd']);
  });
});

describe('what cannot be read', () => {
  it('is passed over with a line, without losing others', async () => {
    let offset = -1;
    const read: MessageStore['read'] = (at, size) => (at === offset ? undefined : store.read(at, size));
    await start({ seen: { read } });
    const results = [];
    for (const body of ['a', 'b', 'c']) results.push(await send(body, after(1500)));
    await turns();
    offset = results[1]?.physicalOffset ?? -1;
    await pass(3000);
    expect(await delivered(2)).toEqual(['a', 'c']);
    expect(logged).toEqual(['timed messages are passed over']);
  });

  it('for the time being is read later', async () => {
    let failures = 3;
    const read: MessageStore['read'] = (at, size) => {
      if (failures-- > 0) return Promise.reject(new Error('EIO'));
      return store.read(at, size);
    };
    await start({ seen: { read } });
    await send('a', after(1500));
    await turns();
    await pass(6000);
    expect(await delivered(1)).toEqual(['a']);
  });

  it.each([
    ['no instant', 'TIMER_OUT_MS', 'soon'],
    ['a place outside of the store', 'REAL_TOPIC', '../../etc'],
    ['the timer itself', 'REAL_TOPIC', timerTopic],
    ['no queue', 'REAL_QID', '-1'],
  ])('because it says %s is passed over', async (_title, name, value) => {
    await start();
    const says = { TIMER_OUT_MS: String(clock.now()), REAL_TOPIC: 'TopicTest', REAL_QID: '0', [name]: value };
    const properties = Object.entries(says)
      .map(([key, text]) => `${key}\u0001${text}\u0002`)
      .join('');
    await appendOne(store, storeMessage({ topic: timerTopic, properties }));
    await send('b', after(1500));
    await turns();
    await pass(3000);
    expect(await delivered(1)).toEqual(['b']);
    expect(logged).toEqual(['a timed message is passed over']);
  });
});

describe('a restart', () => {
  it('goes on where it was', async () => {
    await start();
    await send('a', after(1500));
    await send('b', after(10_500));
    await turns();
    await pass(3000);
    await delivered(1);
    await send('c', after(4500));
    await stop();
    clock.advance(4000);
    await start();
    await pass(10_000);
    expect(await delivered(3)).toEqual(['a', 'c', 'b']);
  });

  it('after a kill delivers what waits once, and the last moments twice at most', async () => {
    await start({ changes: { flushCommitLogThoroughInterval: 100, flushCommitLogLeastPages: 0 } });
    for (let i = 0; i < 50; i++) await send(`${i}`, after(1001 + i * 200));
    await turns();
    await pass(6000);
    const before = store.maxOffset('TopicTest', 0);
    await kill();
    await start();
    await pass(8000);
    await eventually(() => timed.figures().waiting === 0);
    const bodies = await delivered(50);
    expect(new Set(bodies).size).toBe(50);
    expect(bodies.length - 50).toBeLessThanOrEqual(10);
    expect(before).toBeGreaterThan(20);
  });

  it('after weeks delivers everything in the order of instants', async () => {
    await start();
    for (const [body, delay] of [
      ['b', 70_500],
      ['a', 1500],
      ['c', 3_600_500],
    ] as const)
      await send(body, after(delay));
    await turns();
    await stop();
    clock.jump(20 * 24 * 3_600_000);
    await start();
    await pass(2000);
    expect(await delivered(3)).toEqual(['a', 'b', 'c']);
    await send('d', after(1500));
    await turns();
    await pass(2000);
    expect(await delivered(4)).toEqual(['a', 'b', 'c', 'd']);
  });
});

describe('a clock', () => {
  it('set forward is noticed within a second', async () => {
    await start();
    await send('a', after(3_600_000));
    await turns();
    clock.jump(3_600_000);
    await pass(1000);
    expect(await delivered(1)).toEqual(['a']);
  });

  it('set back brings nothing early, nothing twice, and what is sent then in time', async () => {
    await start();
    for (const delay of [1500, 2500, 8500]) await send(`${delay}`, after(delay));
    await turns();
    await pass(4000);
    expect(await delivered(2)).toEqual(['1500', '2500']);
    clock.jump(-4000);
    await send('new', after(1700));
    await turns();
    await pass(1699);
    expect(store.maxOffset('TopicTest', 0)).toBe(2);
    await pass(1);
    expect(await delivered(3)).toEqual(['1500', '2500', 'new']);
    await pass(6700);
    expect(store.maxOffset('TopicTest', 0)).toBe(3);
    await pass(200);
    expect(await delivered(4)).toEqual(['1500', '2500', 'new', '8500']);
  });
});

it('says how many waiting messages went with files of the log', async () => {
  let min = 0;
  const figures: MessageStore['figures'] = () => ({ ...store.figures(), commitLogMinOffset: min });
  await start({ seen: { figures } });
  for (let i = 0; i < 5; i++) await send(`${i}`, after(3_600_000));
  await turns();
  min = 64 * 1024;
  await pass(31_000, 1000);
  await eventually(() => logged.length > 0);
  expect(logged).toEqual(['files of the commit log were deleted with messages that waited for their instant']);
});

it('closes in peace when it never started', async () => {
  await start();
  const idle = new TimedDelivery({
    config,
    clock,
    log,
    store: directory.create({}, { clock }),
    stats: new BrokerStats(clock, 'c'),
    disk: unsyncedDisk,
    tableDisk,
  });
  await idle.close();
  await idle.saveLast();
});
