import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  checkClientConfig,
  decodeMessages,
  encodeProperties,
  PullSysFlag,
  queryConsumeQueue,
  ResponseCode,
  unregisterClient,
  updateBrokerConfig,
  type ConsumerData,
} from '../../../protocol/src/index.js';
import type { RemotingClient } from '../../../remoting/src/index.js';
import {
  beat,
  BrokerFixture,
  consumerData,
  pull,
  send,
  type BrokerFixtureOptions,
} from '../../../testkit/src/broker-fixture.js';
import { createManualClock } from '../../../testkit/src/index.js';
import { eventually } from '../../../testkit/src/eventually.js';

const own = { sysFlag: PullSysFlag.SUBSCRIPTION, expressionType: 'SQL92' };
const known = { sysFlag: 0, consumerGroup: 'g', expressionType: 'SQL92', subVersion: 1 };
const suspended = { sysFlag: PullSysFlag.SUSPEND, suspendTimeoutMillis: 30_000 };

let fixture: BrokerFixture;
let client: RemotingClient;
afterEach(() => fixture.close());

async function open(options: BrokerFixtureOptions = {}): Promise<void> {
  fixture = await BrokerFixture.open({ ...options, config: { enablePropertyFilter: true, ...options.config } });
  client = fixture.client();
}

const put = (properties: Record<string, string>, body = JSON.stringify(properties)) =>
  send(client, fixture.address, { properties: encodeProperties(Object.entries(properties)) }, body);

function bodiesOf({ body }: Awaited<ReturnType<typeof pull>>): string[] {
  return decodeMessages(Buffer.concat([body].flat())).map((message) => message.body.toString());
}

function subscribing(expression: string, given: object = {}, groupName = 'g'): ConsumerData {
  const data = consumerData(groupName);
  const [subscription] = data.subscriptionDataSet;
  if (subscription === undefined) throw new Error('no subscription');
  const changed = { ...subscription, subString: expression, expressionType: 'SQL92', ...given };
  return { ...data, subscriptionDataSet: [changed] };
}

const join92 = (expression: string, given: object = {}) =>
  beat(client, fixture.address, 'c', [subscribing(expression, given)]);

describe('a pull with an SQL92 expression', () => {
  it('brings what the expression takes, and passes the rest', async () => {
    await open();
    for (const n of ['1', '2', '3', '4']) await put({ n });
    const reply = await pull(client, fixture.address, { ...own, subscription: 'n = 2 OR n = 3' });
    expect(bodiesOf(reply)).toEqual(['{"n":"2"}', '{"n":"3"}']);
    expect(reply.header).toMatchObject({ nextBeginOffset: 4, maxOffset: 4 });
    const none = await pull(client, fixture.address, { ...own, subscription: 'n > 9', queueOffset: 1 });
    expect(none).toMatchObject({ code: ResponseCode.PULL_RETRY_IMMEDIATELY, remark: 'NO_MATCHED_MESSAGE' });
    expect(none.header).toMatchObject({ nextBeginOffset: 4 });
  });

  it('goes on behind the last message it had room for', async () => {
    await open();
    for (let n = 0; n < 10; n++) await put({ n: String(n % 2) });
    const first = await pull(client, fixture.address, { ...own, subscription: 'n = 1', maxMsgNums: 3 });
    expect(bodiesOf(first)).toHaveLength(3);
    const { nextBeginOffset: queueOffset } = first.header;
    const second = await pull(client, fixture.address, { ...own, subscription: 'n = 1', queueOffset });
    expect(bodiesOf(second)).toHaveLength(2);
  });

  it('looks at 800 messages at most', async () => {
    await open();
    await Promise.all(Array.from({ length: 900 }, (_, i) => put({ n: i === 899 ? '1' : '0' })));
    const first = await pull(client, fixture.address, { ...own, subscription: 'x = 1' });
    expect(first).toMatchObject({ code: ResponseCode.PULL_RETRY_IMMEDIATELY });
    expect(first.header.nextBeginOffset).toBe(800);
  });

  it('that is none is refused with what is wrong', async () => {
    await open();
    await put({ n: '1' });
    const reply = await pull(client, fixture.address, { ...own, subscription: "n > 'x'" });
    expect(reply).toMatchObject({ code: ResponseCode.SUBSCRIPTION_PARSE_FAILED });
    expect(reply.remark).toMatch(/parse the consumer's subscription failed: .*'x' cannot be compared/);
    const other = await pull(client, fixture.address, { ...own, expressionType: 'XPATH', subscription: 'n' });
    expect(other.remark).toMatch(/TAG or SQL92, not by "XPATH"/);
  });

  it('is refused by a broker that does not filter so, and taken when it does', async () => {
    await open({ config: { enablePropertyFilter: false } });
    await put({ n: '1' });
    await join92('n = 1');
    for (const header of [{ ...own, subscription: 'n =' }, known]) {
      const reply = await pull(client, fixture.address, header);
      expect(reply).toMatchObject({ code: ResponseCode.SYSTEM_ERROR });
      expect(reply.remark).toBe('The broker does not support consumer to filter message by SQL92');
    }
    await client.call(fixture.address, updateBrokerConfig, {}, { body: 'enablePropertyFilter=true' });
    expect(bodiesOf(await pull(client, fixture.address, known))).toEqual(['{"n":"1"}']);
  });
});

describe('the expression of a group', () => {
  it('comes with heartbeats, the newest counts', async () => {
    await open();
    for (const n of ['1', '2']) await put({ n });
    await join92('n = 1');
    expect(bodiesOf(await pull(client, fixture.address, known))).toEqual(['{"n":"1"}']);
    expect(await pull(client, fixture.address, { ...known, subVersion: 2 })).toMatchObject({
      code: ResponseCode.SUBSCRIPTION_NOT_LATEST,
    });
    await join92('n = 2', { subVersion: 2 });
    await join92('n = 1', { subVersion: 1 });
    expect(bodiesOf(await pull(client, fixture.address, { ...known, subVersion: 2 }))).toEqual(['{"n":"2"}']);
  });

  it('that is none leaves it without a filter, and its pulls say so', async () => {
    await open();
    await put({ n: '1' });
    await join92('n =');
    const reply = await pull(client, fixture.address, known);
    expect(reply).toMatchObject({ code: ResponseCode.FILTER_DATA_NOT_EXIST });
    expect(reply.remark).toBe("The broker's consumer filter data is not exist!Your expression may be wrong!");
    await join92('n = 1', { subVersion: 2 });
    expect(bodiesOf(await pull(client, fixture.address, known))).toEqual(['{"n":"1"}']);
  });

  it('wakes a pull that waits when a message comes that it takes, and by no other', async () => {
    await open();
    await put({ n: '0' }, 'before');
    await join92('n = 1');
    const waiting = pull(client, fixture.address, { ...known, ...suspended, queueOffset: 1 });
    let answered = false;
    void waiting.then(() => void (answered = true));
    for (const n of ['2', '3', 'x']) await put({ n });
    expect((await pull(client, fixture.address, { ...known, queueOffset: 1 })).code).toBe(
      ResponseCode.PULL_RETRY_IMMEDIATELY,
    );
    expect(answered).toBe(false);
    await put({ n: '1' });
    const reply = await waiting;
    expect(bodiesOf(reply)).toEqual(['{"n":"1"}']);
    expect(reply.header.nextBeginOffset).toBe(5);
  });

  it('filters the retry topic too when that is wanted, by the topic a message is of', async () => {
    await open({ config: { filterSupportRetry: true } });
    const retry = '%RETRY%g';
    const [main] = subscribing('n = 1').subscriptionDataSet;
    if (main === undefined) throw new Error('no subscription');
    const data = { ...consumerData('g'), subscriptionDataSet: [main, { ...main, topic: retry, subString: 'TRUE' }] };
    await beat(client, fixture.address, 'c', [data]);
    for (const n of ['1', '2']) {
      const properties = encodeProperties(Object.entries({ n, RETRY_TOPIC: 'TopicTest' }));
      await send(client, fixture.address, { topic: retry, properties }, n);
    }
    await send(
      client,
      fixture.address,
      { topic: retry, properties: encodeProperties([['RETRY_TOPIC', 'Other']]) },
      'o',
    );
    expect(bodiesOf(await pull(client, fixture.address, { ...known, topic: retry }))).toEqual(['1', 'o']);
    await client.call(fixture.address, updateBrokerConfig, {}, { body: 'filterSupportRetry=false' });
    expect(bodiesOf(await pull(client, fixture.address, { ...known, topic: retry }))).toEqual(['1', '2', 'o']);
  });

  it('survives a restart, as Java has it in consumerFilter.json, and ends some time after its group', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'filters-'));
    const clock = createManualClock();
    const path = join(directory, 'config', 'consumerFilter.json');
    const options = { directory, clock, config: { filterDataCleanTimeSpan: 60_000 } };
    await open(options);
    await put({ n: '1' });
    await join92('n = 1');
    await fixture.close();
    const text = await readFile(path, 'utf8');
    const time = (name: string): number => Number(new RegExp(`"${name}":(\\d+)`).exec(text)?.[1]);
    expect(text).toBe(javaFilterFile(time('bornTime'), time('deadTime')));
    await writeFile(path, text.replace(/\[[^\]]*\]/, '[52,60,68]'));
    clock.advance(1000);
    await open(options);
    expect((await pull(client, fixture.address, known)).code).toBe(ResponseCode.SUBSCRIPTION_NOT_EXIST);
    await join92('n = 1');
    clock.advance(10_000);
    await eventually(() => readFileSync(path, 'utf8').includes('"dead":false'));
    expect(readFileSync(path, 'utf8')).toBe(javaFilterFile(time('bornTime'), 0));
    await client.call(fixture.address, unregisterClient, { clientID: 'c', consumerGroup: 'g' });
    clock.advance(70_000);
    await eventually(() => !readFileSync(path, 'utf8').includes('"n = 1"'));
    await fixture.close();
    await rm(directory, { recursive: true });
    await open();
  });
});

/** As a broker of Apache writes it, but for the list, which it has on one line. */
function javaFilterFile(bornTime: number, deadTime: number): string {
  return `{
	"filterDataByTopic":{
		"TopicTest":{
			"groupFilterData":{
				"g":{
					"bloomFilterData":{
						"bitNum":112,
						"bitPos":[
							52,
							60,
							68
						]
					},
					"bornTime":${bornTime},
					"clientVersion":1,
					"consumerGroup":"g",
					"dead":${deadTime >= bornTime},
					"deadTime":${deadTime},
					"expression":"n = 1",
					"expressionType":"SQL92",
					"topic":"TopicTest"
				}
			},
			"topic":"TopicTest"
		}
	}
}`;
}

describe('CHECK_CLIENT_CONFIG', () => {
  const check = (subString: string, expressionType = 'SQL92') => {
    const subscriptionData = { ...(subscribing(subString).subscriptionDataSet[0] as never as object), expressionType };
    const body = { clientId: 'c', group: 'g', subscriptionData } as never;
    return client.call(fixture.address, checkClientConfig, {}, { body, accept: [1, 23] });
  };

  it('says whether an expression is one, and what is wrong', async () => {
    await open();
    expect((await check('n = 1')).code).toBe(ResponseCode.SUCCESS);
    expect((await check('anything', 'TAG')).code).toBe(ResponseCode.SUCCESS);
    const wrong = await check('n =');
    expect(wrong.code).toBe(ResponseCode.SUBSCRIPTION_PARSE_FAILED);
    expect(wrong.remark).toMatch(/line 1, column 4/);
    expect((await check('('.repeat(60_000))).code).toBe(ResponseCode.SUBSCRIPTION_PARSE_FAILED);
  });

  it('says when the broker does not filter so', async () => {
    await open({ config: { enablePropertyFilter: false } });
    const reply = await check('n = 1');
    expect(reply.code).toBe(ResponseCode.SYSTEM_ERROR);
    expect(reply.remark).toBe('The broker does not support consumer to filter message by SQL92');
  });
});

describe('bit maps of filters', () => {
  it('stand beside the queue entries, and tools are told', async () => {
    await open({ config: { enableConsumeQueueExt: true, enableCalcFilterBitMap: true } });
    await put({ n: '1' });
    await join92('n = 1');
    for (const n of ['1', '2']) await put({ n });
    const query = { topic: 'TopicTest', queueId: 0, index: 0, count: 3, consumerGroup: 'g' };
    const { body } = await client.call(fixture.address, queryConsumeQueue, query);
    expect(body?.filterData).toContain('"expression":"n = 1"');
    const rows = body?.queueData?.map(({ bitMap, eval: taken, extendDataJson = '{}' }) => [
      (bitMap ?? '').replaceAll(/[^1]/g, '').length,
      taken,
      (JSON.parse(extendDataJson) as { size: number }).size,
    ]);
    // The first message came before the filter; what two filters have in common is known to neither.
    expect(rows).toEqual([
      [0, true, 20],
      [3, true, 34],
      [0, false, 34],
    ]);
    const ofTags = await beat(client, fixture.address, 'd', [consumerData('tags')]).then(() =>
      client.call(fixture.address, queryConsumeQueue, { ...query, consumerGroup: 'tags' }),
    );
    expect(ofTags.body?.filterData).toBe('null');
  });
});
