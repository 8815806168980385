import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { lastValueFrom, take, toArray } from 'rxjs';
import { silentLogger, systemClock } from '../../libs/common/src/index.js';
import { queryConsumerOffset, ResponseCode } from '../../libs/protocol/src/index.js';
import { createRemotingClient } from '../../libs/remoting/src/index.js';
import {
  type ReceiveOptions,
  RocketMQConnection,
  type RocketMQDelivery,
  RocketMQModule,
  RocketMQTemplate,
} from '../../src/index.js';
import { RocketMQTestingModule } from '../../src/testing/index.js';
import { TestServers } from '../../src/testing/test-servers.js';
import { Applications } from './applications.js';

// Real servers on a machine that may be busy.
jest.setTimeout(120_000);

const applications = new Applications();
let app: INestApplicationContext;
let template: RocketMQTemplate;

beforeAll(async () => {
  app = await applications.start({ imports: [RocketMQTestingModule.forRoot()] });
  template = app.get(RocketMQTemplate);
});
afterAll(() => applications.closeAll());

const fromFirst = { consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET', timeout: 20_000 } as const;

/** A topic of one queue, so that its messages have an order. */
async function topicOf(topic: string, ...payloads: readonly unknown[]): Promise<void> {
  const { client } = await app.get(RocketMQConnection).session();
  await client.admin.createTopic(topic, { readQueues: 1, writeQueues: 1 });
  for (const payload of payloads) await template.send(topic, payload);
}

async function receiveAll<T>(topic: string, count: number, options: ReceiveOptions): Promise<RocketMQDelivery<T>[]> {
  const deliveries: RocketMQDelivery<T>[] = [];
  while (deliveries.length < count) {
    const more = await template.receive<T>(topic, options);
    if (more.length === 0) throw new Error(`only ${deliveries.length} came`);
    deliveries.push(...more);
  }
  return deliveries;
}

const remoting = createRemotingClient({ clock: systemClock, log: silentLogger, handlers: [] });
afterAll(() => remoting.close());

/** Where a member of the group that takes over would begin; -1 when nothing was committed. */
async function committed(topic: string, group: string): Promise<number> {
  const address = app.get(TestServers).broker?.address ?? '';
  const header = { consumerGroup: group, topic, queueId: 0 };
  try {
    return (await remoting.call(address, queryConsumerOffset, header, { timeout: 10_000 })).header.offset;
  } catch (error) {
    if ((error as { responseCode?: number }).responseCode === ResponseCode.QUERY_NOT_FOUND) return -1;
    throw error;
  }
}

describe('receive', () => {
  it('returns payloads, at most so many, and commits what is acked', async () => {
    await topicOf('asked', { i: 0 }, { i: 1 }, { i: 2 }, { i: 3 });
    const options = { group: 'askers', max: 3, ...fromFirst };
    const [a, b, c] = await receiveAll<{ i: number }>('asked', 3, options);
    expect([a, b, c].map((delivery) => delivery?.payload)).toEqual([{ i: 0 }, { i: 1 }, { i: 2 }]);
    await b!.ack();
    expect(await committed('asked', 'askers')).toBeLessThanOrEqual(0);
    await a!.ack();
    expect(await committed('asked', 'askers')).toBe(2);
    const [d] = await template.receive<{ i: number }>('asked', options);
    expect(d!.payload).toEqual({ i: 3 });
    await d!.ack();
    expect(await committed('asked', 'askers')).toBe(2);
    await c!.ack();
    expect(await committed('asked', 'askers')).toBe(4);
  });

  it('loses nothing because of a payload that cannot be read', async () => {
    await topicOf('mixed', '{"a":1}', 'no JSON', '{"a":2}');
    const options = { group: 'mixed', payloadType: Object, ...fromFirst };
    const typed = { ...options, payloadType: class Order {} };
    const deliveries = await receiveAll('mixed', 3, typed);
    expect(deliveries.map(({ error }) => error)).toEqual([
      undefined,
      expect.objectContaining({ code: 'PROTOCOL_VIOLATION' }),
      undefined,
    ]);
    expect(() => deliveries[1]!.payload).toThrow('Order is made from');
    expect(deliveries[1]!.message.body.toString()).toBe('no JSON');
    expect(deliveries[2]!.payload).toEqual({ a: 2 });
    for (const delivery of deliveries) await delivery.ack();
    expect(await committed('mixed', 'mixed')).toBe(3);
  });

  it('gives up in time, or when told, and keeps what comes meanwhile', async () => {
    await topicOf('quiet');
    const options = { group: 'quiet', ...fromFirst };
    expect(await template.receive('quiet', { ...options, timeout: 0 })).toEqual([]);
    expect(await template.receive('quiet', { ...options, timeout: 100 })).toEqual([]);
    const abort = new AbortController();
    const waiting = template.receive('quiet', { ...options, signal: abort.signal });
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    await template.send('quiet', 'x');
    expect((await template.receive('quiet', options))[0]?.payload).toBe('x');
  });

  it('is a stream, too', async () => {
    await topicOf('streamed', 'a', 'b', 'c');
    const options = { group: 'streamed', ...fromFirst };
    const stream = template.rx.receive<string>('streamed', options);
    const deliveries = await lastValueFrom(stream.pipe(take(2), toArray()));
    expect(deliveries.map(({ payload }) => payload)).toEqual(['a', 'b']);
    // What nobody took is there for the next.
    const [next] = await template.receive('streamed', options);
    expect(next!.payload).toBe('c');
  });

  it('returns what was released again', async () => {
    await topicOf('released', 'a', 'b');
    const options = { group: 'released', ...fromFirst };
    const [a, b] = await receiveAll('released', 2, options);
    await b!.ack();
    a!.release();
    a!.release();
    b!.release();
    // It is another delivery's to ack now.
    await a!.ack();
    expect(await committed('released', 'released')).toBeLessThanOrEqual(0);
    const again = await template.receive('released', options);
    expect(again.map(({ payload }) => payload)).toEqual(['a']);
    await again[0]!.ack();
    expect(await committed('released', 'released')).toBe(2);
  });

  it('serves several callers of one group', async () => {
    await topicOf('shared', 0, 1, 2, 3, 4, 5);
    const options = { group: 'shared', ...fromFirst };
    const seen: RocketMQDelivery[] = [];
    const caller = async (max: number): Promise<void> => {
      while (seen.length < 6) seen.push(...(await template.receive('shared', { ...options, max, timeout: 100 })));
    };
    await Promise.all([caller(1), caller(2), caller(32)]);
    expect(new Set(seen.map(({ payload }) => payload))).toEqual(new Set(['0', '1', '2', '3', '4', '5']));
    expect(seen).toHaveLength(6);
    const [unacked, ...others] = seen.toSorted((a, b) => a.message.queueOffset - b.message.queueOffset);
    for (const delivery of others) await delivery.ack();
    expect(await committed('shared', 'shared')).toBeLessThanOrEqual(0);
    await unacked!.ack();
    expect(await committed('shared', 'shared')).toBe(6);
  });

  it('takes tags', async () => {
    await topicOf('tagged');
    await template.send('tagged:no', 'a');
    await template.send('tagged:yes', 'b');
    const options = { group: 'tagged', selectorExpression: 'yes', ...fromFirst };
    const [delivery] = await template.receive('tagged', options);
    expect(delivery!.payload).toBe('b');
    await delivery!.ack();
    expect(await committed('tagged', 'tagged')).toBe(2);
  });

  it('is refused by name', async () => {
    await expect(template.receive('t', {} as never)).rejects.toThrow(
      'group is missing: it must be the name of a group',
    );
    await expect(template.receive('t', { group: 'g', max: 0 })).rejects.toThrow('max must be a whole number from 1');
    await expect(template.receive('t', { group: 'g', grup: 'g' } as never)).rejects.toThrow('grup is unknown; did you');
    await topicOf('one');
    await template.receive('one', { group: 'same', timeout: 0 });
    await expect(template.receive('two', { group: 'same' })).rejects.toThrow(
      "RocketMQTemplate.receive: group 'same' cannot receive 'two' by TAG '*', it receives 'one' by TAG '*' already",
    );
  });
});

it('what was not acked comes again to the next application', async () => {
  await topicOf('again', 'a', 'b');
  const nameServer = app.get(RocketMQConnection).nameServers.join(';');
  const options = { group: 'again', ...fromFirst };
  const start = () => applications.start({ imports: [RocketMQModule.forRoot({ nameServer })] });
  const first = await start();
  const [a] = await first.get(RocketMQTemplate).receive('again', { ...options, max: 1 });
  const [b] = await first.get(RocketMQTemplate).receive('again', { ...options, max: 1 });
  expect([a!.payload, b!.payload]).toEqual(['a', 'b']);
  await a!.ack();
  await first.close();
  const second = await start();
  const [again] = await second.get(RocketMQTemplate).receive('again', options);
  expect(again!.payload).toBe('b');
});
