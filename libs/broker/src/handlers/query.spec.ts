import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../common/src/index.js';
import {
  decodeMessages,
  encodeMessage,
  queryMessage,
  sendMessageV2,
  viewMessageById,
} from '../../../protocol/src/index.js';
import { BrokerFixture, send, sendHeader } from '../../../testkit/src/broker-fixture.js';

let fixture: BrokerFixture;
beforeEach(async () => {
  fixture = await BrokerFixture.open({ config: { maxHashSlotNum: 1000, maxIndexNum: 4000 } });
});
afterEach(() => fixture.close());

const header = { topic: 'TopicTest', key: 'k1', maxNum: 32, beginTimestamp: 0, endTimestamp: Number.MAX_SAFE_INTEGER };

function query(given: Partial<typeof header> = {}, extra: Record<string, string> = {}) {
  return fixture.client().call(fixture.address, queryMessage, { ...header, ...given }, { accept: [1, 22], extra });
}

function view(offset: number) {
  return fixture.client().call(fixture.address, viewMessageById, { offset }, { accept: [1] });
}

const bytesOf = ({ body }: { body?: Buffer | readonly Buffer[] }): Buffer => Buffer.concat([body ?? []].flat());
const bodiesIn = (reply: { body: Buffer | readonly Buffer[] }): string[] =>
  decodeMessages(bytesOf(reply)).map(({ body }) => body.toString());

async function sendKeyed(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const properties = `UNIQ_KEY\u0001U${i}\u0002KEYS\u0001k1 own-${i}\u0002`;
    await send(fixture.client(), fixture.address, { properties }, `body ${i}`);
  }
  // The index comes behind the log, and says nothing when it has caught up.
  while ((await query({ key: `own-${count - 1}` })).code !== 0);
}

describe('QUERY_MESSAGE', () => {
  it('answers with the messages of a key, and how far the index is', async () => {
    const before = systemClock.now();
    await sendKeyed(3);
    const reply = await query();
    expect([reply.code, bodiesIn(reply)]).toEqual([0, ['body 0', 'body 1', 'body 2']]);
    const last = decodeMessages(bytesOf(reply)).at(-1);
    expect(reply.header).toEqual({
      indexLastUpdatePhyoffset: last?.physicalOffset,
      indexLastUpdateTimestamp: last?.storeTimestamp,
    });
    expect(bodiesIn(await query({ key: 'U1' }))).toEqual(['body 1']);
    expect(bodiesIn(await query({ maxNum: 2 }))).toEqual(['body 1', 'body 2']);
    expect((await query({ endTimestamp: before - 1000 })).code).toBe(22);
  });

  it('answers 22 when there is none, as Java says it', async () => {
    await sendKeyed(1);
    for (const given of [{ key: 'k2' }, { key: 'k1 own-0' }, { topic: 'Other' }, { maxNum: 0 }]) {
      expect(await query(given)).toMatchObject({
        code: 22,
        remark: 'can not find message, maybe time range not correct',
        header: { indexLastUpdatePhyoffset: 0, indexLastUpdateTimestamp: 0 },
      });
    }
    expect(await query({ maxNum: -1 })).toMatchObject({ code: 1, remark: expect.stringContaining('maxNum is -1') });
  });

  it('hands out at most maxMsgsNumBatch, and of a unique key defaultQueryMaxNum', async () => {
    await sendKeyed(70);
    expect(bodiesIn(await query({ maxNum: 0x7fff_ffff }))).toHaveLength(64);
    expect(bodiesIn(await query({ maxNum: 1 }, { _UNIQUE_KEY_QUERY: 'true' }))).toHaveLength(32);
    expect(bodiesIn(await query({ maxNum: 1 }, { _UNIQUE_KEY_QUERY: 'false' }))).toHaveLength(1);
  });
});

describe('VIEW_MESSAGE_BY_ID', () => {
  it('answers with the message that begins there', async () => {
    await send(fixture.client(), fixture.address, {}, 'first');
    await send(fixture.client(), fixture.address, {}, 'second');
    const [first] = decodeMessages(bytesOf(await view(0)));
    expect(first?.body.toString()).toBe('first');
    expect(bodiesIn(await view(first?.totalSize as number))).toEqual(['second']);
  });

  it('answers code 1 for every other offset', async () => {
    await send(fixture.client(), fixture.address, {}, 'first');
    const size = bytesOf(await view(0)).length;
    const offsets = [-1, -(2 ** 53), 2 ** 53, 2 ** 62, size, size + 1, 4 * 1024 * 1024 - 1];
    for (const offset of [...offsets, ...Array.from({ length: size - 1 }, (_, i) => i + 1)]) {
      const reply = await view(offset);
      expect({ offset, code: reply.code, bytes: bytesOf(reply).length }).toEqual({ offset, code: 1, bytes: 0 });
      expect(reply.remark).toContain('can not find message by the offset, ');
    }
  });

  it.each([0x7fff_ffff, 400])('is not deceived by the head of a record of %d bytes in a body', async (size) => {
    await send(fixture.client(), fixture.address, {}, 'first');
    const [first] = decodeMessages(bytesOf(await view(0)));
    if (!first) throw new Error('no message');
    // Where the body of the next message begins.
    const inside = first.totalSize + 88;
    const forged = encodeMessage({ ...first, physicalOffset: inside });
    forged.writeInt32BE(size, 0);
    const { client, address } = { client: fixture.client(), address: fixture.address };
    expect((await client.call(address, sendMessageV2, sendHeader(), { body: forged })).code).toBe(0);
    await send(client, address, {}, 'secret '.repeat(50));
    const reply = await view(inside);
    expect([reply.code, bytesOf(reply).length]).toEqual([1, 0]);
  });
});
