import { describe, expect } from '@jest/globals';
import type { SpringEvent } from '../../../libs/testkit/src/index.js';
import type { Mailbox } from '../../e2e/mailbox.js';
import { reportingIt, type Arena, type Cluster, type Maker } from './arena.js';
import { type Heard, openSpringStage, type SpringStage } from './spring-stage.js';

interface SpringServers {
  readonly arena: () => Arena;
  readonly clusters: Readonly<Record<Maker, () => Promise<Cluster>>>;
}

const order = { id: 7, customer: 'Ä. Müller', items: ['pen', 'ink'], placedAt: '2026-11-30T10:15:30.125Z' };
const timeout = 20_000;
/** Of the first request: push consumers of Java 5.x may be refused until their second heartbeat. */
const patience = 60_000;

/** An application of rocketmq-spring's starter and one of ours, on servers of each maker. */
export function describeSpring(title: string, { arena, clusters }: SpringServers): void {
  for (const maker of ['java', 'ours'] as const) {
    describe(`${title} on ${maker === 'java' ? "Apache's" : 'our'} servers`, () => {
      let opened: Promise<SpringStage> | undefined;
      const stage = async (): Promise<SpringStage> =>
        (opened ??= clusters[maker]().then((cluster) => openSpringStage(arena(), cluster)));
      const example = (name: string, body: (stage: SpringStage) => Promise<void>): void =>
        reportingIt(arena, name, async () => body(await stage()));
      example('what Spring sends: texts, objects, bytes, keys, tags, batches, queues by key, delays', springSends);
      example('what ours sends: the same', oursSends);
      example('transactions of both: the committed come, the rolled back never', transactions);
      example('requests of both, replies of both', requests);
    });
  }
}

/** What Java's client puts on every message that has a tag. */
const sentByJava = ['TAGS', 'UNIQ_KEY', 'WAIT'];
/** What brokers add, and consumers. */
const addedLater = new Set('CLUSTER CONSUME_START_TIME MAX_OFFSET MIN_OFFSET MSG_REGION TRACE_ON'.split(' '));

/** Names of the properties that a message was sent with. */
function namesIn(message: Pick<SpringEvent, 'properties'> | undefined): string[] {
  return Object.keys(message?.properties ?? {})
    .filter((name) => !addedLater.has(name))
    .toSorted();
}

async function until<T>(mail: Mailbox<T>, enough: () => boolean): Promise<void> {
  while (!enough()) await mail.have(mail.items.length + 1, patience);
}

/** What a listener got, as soon as it has so many. */
async function heard<T extends { readonly listener: string }>(
  mail: Mailbox<T>,
  listener: T['listener'],
  count: number,
): Promise<T[]> {
  const own = (): T[] => mail.items.filter((item) => item.listener === listener);
  await until(mail, () => own().length >= count);
  return own();
}

async function springSends({ topics: { toOurs }, spring, template, heardByOurs }: SpringStage): Promise<void> {
  // The tag among the headers is dropped.
  const headers = { KEYS: 'k1 k2', TAGS: 'other', tenant: 'ä', amount: 5 };
  await spring('send', { destination: `${toOurs}:text`, text: 'Grüße', headers });
  await spring('send', { destination: `${toOurs}:order`, order, headers: { KEYS: 'o-7' } });
  // A list of keys is written as Java shows it, which is no list of keys any more.
  const listed = { KEYS: ['k3', 'k4'] };
  const base64 = Buffer.from([0, 0xff]).toString('base64');
  await spring('send', { destination: `${toOurs}:bytes`, base64, headers: listed });
  const messages = [{ text: 'b1', headers: { KEYS: 'kb' } }, { text: 'b2' }];
  await spring('sendBatch', { destination: `${toOurs}:text`, messages });
  const hashKey = 'customer 42';
  await spring('sendOrderly', { destination: `${toOurs}:text`, text: 'by key', hashKey });
  await template.syncSendOrderly(`${toOurs}:text`, 'by the same key', hashKey);
  await spring('sendDelayed', { destination: `${toOurs}:text`, text: 'later', millis: 1000 });

  const texts = await heard(heardByOurs, 'texts', 6);
  const text = (payload: string): Heard | undefined => texts.find((message) => message.payload === payload);
  expect(text('Grüße')).toMatchObject({ tags: 'text', keys: ['k1', 'k2'], properties: { tenant: 'ä', amount: '5' } });
  expect([text('b1')?.keys, text('b2')?.keys]).toEqual([['kb'], []]);
  expect(text('by key')?.queueId).toBe(text('by the same key')?.queueId);
  expect(text('later')).toBeDefined();
  expect(await heard(heardByOurs, 'bytes', 1)).toMatchObject([{ payload: '00ff', keys: ['[k3,', 'k4]'] }]);
  const [placed] = await heard(heardByOurs, 'orders', 1);
  expect(placed).toMatchObject({ keys: ['o-7'], payload: order });
  const raw = await heard(heardByOurs, 'raw', 8);
  // Spring names the type of what it sends, and of its own adds an id and a time that nothing reads.
  const types = raw.map(({ tags, properties }) => `${tags} ${properties['contentType']}`);
  const named = ['bytes application/octet-stream', 'order application/json', 'text text/plain;charset=UTF-8'];
  expect(new Set(types)).toEqual(new Set([...named, 'text undefined']));
  const greeting = raw.find(({ keys }) => keys.includes('k1'));
  const ofSpring = ['contentType', 'id', 'timestamp'];
  expect(namesIn(greeting)).toEqual([...sentByJava, ...ofSpring, 'KEYS', 'amount', 'tenant'].toSorted());
}

async function oursSends({ topics: { toSpring }, spring, template, heardBySpring }: SpringStage): Promise<void> {
  const options = { keys: ['k1', 'k2'], properties: { tenant: 'ä' } };
  await template.send(`${toSpring}:text`, 'Grüße', options);
  // A field that Spring does not know, and a date.
  const payload = { ...order, placedAt: new Date(order.placedAt), note: 'new' };
  await template.send(`${toSpring}:order`, payload, { keys: 'o-7' });
  await template.send(`${toSpring}:text`, ['b1', 'b2']);
  const hashKey = 'customer 42';
  await template.send(`${toSpring}:text`, 'by key', { hashKey });
  await spring('sendOrderly', { destination: `${toSpring}:text`, text: 'by the same key', hashKey });
  await template.syncSendDelayTimeMills(`${toSpring}:text`, 'later', 1000);

  const texts = await heard(heardBySpring, 'texts', 6);
  const expected = ['Grüße', 'b1', 'b2', 'by key', 'by the same key', 'later'];
  expect(new Set(texts.map(({ text }) => text))).toEqual(new Set(expected));
  expect(await heard(heardBySpring, 'orders', 1)).toMatchObject([order]);
  const raw = await heard(heardBySpring, 'raw', 7);
  const find = (body: string): SpringEvent | undefined => raw.find(({ text }) => text === body);
  expect(find('Grüße')).toMatchObject({ tags: 'text', keys: 'k1 k2', properties: { tenant: 'ä' } });
  expect(find('by key')?.queueId).toBe(find('by the same key')?.queueId);
  expect(namesIn(find('Grüße'))).toEqual([...sentByJava, 'KEYS', 'tenant'].toSorted());
}

async function transactions({ topics, spring, template, heardByOurs, heardBySpring }: SpringStage): Promise<void> {
  const states = {
    'rolled back': 'ROLLBACK',
    'drop it': 'UNKNOWN',
    'keep it': 'UNKNOWN',
    committed: 'COMMIT',
  } as const;
  for (const [text, state] of Object.entries(states)) {
    const answer = state.toLowerCase() as Lowercase<typeof state>;
    await spring('transaction', { destination: `${topics.toOurs}:text`, text, state });
    await template.send(`${topics.toSpring}:text`, text, { transaction: async () => answer });
  }
  const ours = (listener: Heard['listener']): unknown[] =>
    heardByOurs.items.filter((item) => item.listener === listener).map(({ payload }) => payload);
  const springs = (listener: SpringEvent['listener']): unknown[] =>
    heardBySpring.items.filter((item) => item.listener === listener).map(({ text }) => text);
  for (const [mail, got] of [
    [heardByOurs, ours],
    [heardBySpring, springs],
  ] as const) {
    await until<unknown>(mail, () => got('texts').includes('keep it') && got('checks').includes('drop it'));
  }
  await spring('send', { destination: `${topics.toOurs}:text`, text: 'last' });
  await template.send(`${topics.toSpring}:text`, 'last');
  for (const [mail, got] of [
    [heardByOurs, ours],
    [heardBySpring, springs],
  ] as const) {
    await until<unknown>(mail, () => got('texts').includes('last') && got('texts').includes('committed'));
    for (const text of ['rolled back', 'drop it']) expect(got('texts')).not.toContain(text);
  }
}

async function requests({ topics, spring, template }: SpringStage): Promise<void> {
  const { askOurs, askSpring } = topics;
  const quote = { id: 7, total: 5 };
  expect(await template.sendAndReceive(`${askSpring}:order`, order, { timeout: patience })).toEqual(quote);
  expect(await template.sendAndReceive(askSpring, order, { timeout })).toEqual(quote);
  expect(await spring('ask.text', { destination: `${askOurs}:text`, text: 'hü', timeout: patience })).toBe('hü!');
  expect(await spring('ask.quote', { destination: `${askOurs}:order`, order, timeout })).toEqual(quote);
}
