import { deflateSync } from 'node:zlib';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { silentLogger } from '../../../common/src/index.js';
import {
  decodeMessages,
  encodeMessage,
  encodeProperties,
  MessageSysFlag,
  registerMessageFilterClass,
  ResponseCode,
  type ConsumerData,
} from '../../../protocol/src/index.js';
import { beat, BrokerFixture, consumerData, pull, send } from '../../../testkit/src/broker-fixture.js';
import { createManualClock } from '../../../testkit/src/index.js';
import { recordInput } from '../../../testkit/src/pulled-message.js';
import type { FilteredMessage } from './filtered-message.js';
import { MessageFilters, type MessageFilter } from './message-filters.js';

function record(properties: Record<string, string> = {}, body: Buffer = Buffer.from('body'), sysFlag = 0): Buffer {
  return encodeMessage({
    ...recordInput({ queueId: 3, queueOffset: 7, bornTimestamp: 1, storeTimestamp: 2, reconsumeTimes: 1 }),
    topic: 'T',
    body,
    sysFlag,
    properties: encodeProperties(Object.entries(properties)),
  });
}

function setUp(filter: MessageFilter) {
  const clock = createManualClock();
  const logged = jest.fn();
  const log = { ...silentLogger, warn: logged, error: logged };
  const filters = new MessageFilters({ own: filter }, { clock, log, maxBodySize: 1000 });
  const matches = filters.find('own');
  if (matches === undefined) throw new Error('no filter');
  return { clock, logged, filters, matches };
}

describe('a message filter', () => {
  it('sees the message', () => {
    const seen: unknown[] = [];
    const { matches } = setUp((message) => {
      const { topic, queueId, queueOffset, bornTimestamp, storeTimestamp, reconsumeTimes, tags, keys } = message;
      seen.push({ topic, queueId, queueOffset, bornTimestamp, storeTimestamp, reconsumeTimes, tags, keys });
      seen.push(message.properties.get('color'), message.body.toString());
      return message.tags === 'a';
    });
    expect(matches(record({ TAGS: 'a', KEYS: 'k l', color: 'red' }))).toBe(true);
    expect(seen).toEqual([
      {
        topic: 'T',
        queueId: 3,
        queueOffset: 7,
        bornTimestamp: 1,
        storeTimestamp: 2,
        reconsumeTimes: 1,
        tags: 'a',
        keys: 'k l',
      },
      'red',
      'body',
    ]);
    expect(matches(record({ TAGS: 'b' }))).toBe(false);
  });

  it('sees bodies inflated; a body that cannot be lets the message pass', () => {
    const { matches, filters } = setUp(({ body }) => body.toString() === 'x'.repeat(500));
    const packed = (body: Buffer, type: number) => record({}, body, MessageSysFlag.COMPRESSED | type);
    const right = deflateSync('x'.repeat(500));
    expect(matches(packed(right, 0))).toBe(true);
    expect(matches(packed(right, MessageSysFlag.COMPRESSION_ZLIB))).toBe(true);
    expect(matches(packed(deflateSync('y'), MessageSysFlag.COMPRESSION_ZLIB))).toBe(false);
    expect(matches(packed(deflateSync('x'.repeat(2000)), MessageSysFlag.COMPRESSION_ZLIB))).toBe(true);
    expect(matches(packed(Buffer.from('?'), 0))).toBe(true);
    expect(matches(packed(right, MessageSysFlag.COMPRESSION_ZSTD))).toBe(true);
    expect(filters.figures().get('own')).toEqual({ asked: 6, failed: 3, isOff: false });
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('oops');
      },
    ],
    ['answers with no boolean', (() => Promise.resolve(false)) as never],
  ])('that %s lets messages pass, is counted, and told ever more rarely', (_what, filter: MessageFilter) => {
    const { matches, filters, logged } = setUp(filter);
    for (let i = 0; i < 150; i++) expect(matches(record())).toBe(true);
    expect(filters.figures().get('own')).toEqual({ asked: 150, failed: 150, isOff: false });
    expect(logged).toHaveBeenCalledTimes(3);
  });

  it('that needs over 5 ms for 100 messages twice in a row is switched off, named in the log, and messages pass', () => {
    let calls = 0;
    const { clock, matches, filters, logged } = setUp(() => {
      calls++;
      clock.advance(calls > 100 ? 0.06 : 0.05);
      return false;
    });
    for (let i = 0; i < 100; i++) expect(matches(record())).toBe(false);
    expect(logged).not.toHaveBeenCalled();
    const answers = Array.from({ length: 200 }, () => matches(record()));
    expect(answers.indexOf(true)).toBe(2 * 84);
    expect(answers.lastIndexOf(false)).toBe(2 * 84 - 1);
    expect(filters.figures().get('own')).toMatchObject({ isOff: true });
    expect(logged).toHaveBeenCalledTimes(1);
    expect(logged.mock.calls[0]?.[0]).toMatch(/message filter own is switched off/);
  });

  it('that blocks the broker at once is switched off at once, though the first messages may take long', () => {
    const slow = setUp(() => {
      slow.clock.advance(9);
      return false;
    });
    for (let i = 0; i < 300 && !slow.matches(record()); i++);
    // A second for the first hundred messages; then five milliseconds, twice in a row.
    expect(slow.filters.figures().get('own')).toEqual({ asked: 102, failed: 0, isOff: true });
    const blocking = setUp(() => {
      blocking.clock.advance(300);
      return false;
    });
    for (let i = 0; i < 300 && !blocking.matches(record()); i++);
    expect(blocking.filters.figures().get('own')).toEqual({ asked: 4, failed: 0, isOff: true });
    expect(blocking.logged.mock.calls[0]?.[0]).toMatch(/more than 1000 ms for at most 100 messages, last for 4/);
  });

  it('that stalls once in a while keeps its place', () => {
    let calls = 0;
    const { clock, matches, filters, logged } = setUp(() => {
      if (calls++ % 150 === 0) clock.advance(500);
      return false;
    });
    for (let i = 0; i < 1500; i++) expect(matches(record())).toBe(false);
    expect(filters.figures().get('own')).toEqual({ asked: 1500, failed: 0, isOff: false });
    expect(logged).not.toHaveBeenCalled();
  });

  it('has to be a function', () => {
    const options = { clock: createManualClock(), log: silentLogger, maxBodySize: 1 };
    expect(() => new MessageFilters({ own: 'x' as never }, options)).toThrow(/"own" must be a function/);
  });
});

describe('a consumer that subscribes to a message filter', () => {
  let fixture: BrokerFixture;
  afterEach(() => fixture.close());

  const subscribing = (name: string): ConsumerData => {
    const data = consumerData('g');
    return {
      ...data,
      subscriptionDataSet: data.subscriptionDataSet.map((each) => ({
        ...each,
        subString: name,
        classFilterMode: true,
      })),
    };
  };

  it('gets what it takes; an unknown name is refused', async () => {
    const large = (message: FilteredMessage): boolean => Number(message.properties.get('n')) > 1;
    fixture = await BrokerFixture.open({ messageFilters: { 'com.shop.Large': large } });
    const client = fixture.client();
    for (const n of ['1', '2', '3']) {
      await send(client, fixture.address, { properties: encodeProperties([['n', n]]) }, n);
    }
    const header = { consumerGroup: 'g', sysFlag: 8, subVersion: 1 };
    await beat(client, fixture.address, 'c', [subscribing('com.shop.Large')]);
    const reply = await pull(client, fixture.address, header);
    const bodies = decodeMessages(Buffer.concat([reply.body].flat())).map(({ body }) => body.toString());
    expect(bodies).toEqual(['2', '3']);
    const upload = { consumerGroup: 'g', topic: 'TopicTest', className: 'com.shop.Own', classCRC: 1 };
    const body = Buffer.from('class Own {}');
    const uploaded = await client.call(fixture.address, registerMessageFilterClass, upload, { body, accept: [3] });
    expect(uploaded.remark).toMatch(/302 not supported: no code is ever uploaded.*com\.shop\.Large/);
    const other = subscribing('com.shop.Small');
    await beat(client, fixture.address, 'd', [{ ...other, groupName: 'h' }]);
    expect(fixture.broker.messageFilters.get('com.shop.Large')).toEqual({ asked: 3, failed: 0, isOff: false });
    const refused = await pull(client, fixture.address, { ...header, consumerGroup: 'h' });
    expect(refused.code).toBe(ResponseCode.FILTER_DATA_NOT_EXIST);
    expect(refused.remark).toBe(
      'this broker has no message filter "com.shop.Small"; its host registered: com.shop.Large',
    );
  });
});
