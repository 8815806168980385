import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  decodeProperties,
  encodeProperties,
  getMaxOffset,
  heartBeat,
  pushReplyMessageToClient,
  ResponseCode,
  sendReplyMessageV2,
  unregisterClient,
  type RequestHeader,
} from '../../../protocol/src/index.js';
import { fail, handle, ok, type RemotingClient } from '../../../remoting/src/index.js';
import { BrokerFixture, sendHeader } from '../../../testkit/src/broker-fixture.js';

const topic = 'DefaultCluster_REPLY_TOPIC';
type Pushed = { readonly header: RequestHeader<typeof pushReplyMessageToClient>; readonly body: string };

describe('replies', () => {
  let fixture: BrokerFixture;
  let responder: RemotingClient;
  const pushed: Pushed[] = [];

  beforeEach(async () => {
    fixture = await BrokerFixture.open();
    responder = fixture.client();
    pushed.length = 0;
  });
  afterEach(() => fixture.close());

  /** A producer that takes replies, or refuses them. */
  const requester = async (clientID: string, takes = true): Promise<RemotingClient> => {
    const client = fixture.client([
      handle(pushReplyMessageToClient, [], ({ header, bytes }) => {
        pushed.push({ header, body: bytes.toString() });
        return takes ? ok({}) : fail(ResponseCode.SYSTEM_ERROR, 'not now');
      }),
    ]);
    const body = { clientID, producerDataSet: [{ groupName: 'requesters' }], consumerDataSet: [] };
    await client.call(fixture.address, heartBeat, {}, { body, timeout: 5_000 });
    return client;
  };
  const reply = (to: string | undefined, body = 'the reply') =>
    responder.call(
      fixture.address,
      sendReplyMessageV2,
      sendHeader({ topic, queueId: 0, properties: propertiesFor(to) }),
      { body: Buffer.from(body), timeout: 5_000 },
    );
  const stored = async (): Promise<number> =>
    (await responder.call(fixture.address, getMaxOffset, { topic, queueId: 0 }, { timeout: 5_000 })).header.offset;

  it('reach the producer that asked, with all that was said of them, and are stored', async () => {
    await requester('asking');
    const { header } = await reply('asking');
    expect(header).toMatchObject({ queueId: 0, queueOffset: 0, region: 'DefaultRegion', traceOn: 'true' });
    expect(header.msgId).toMatch(/^[0-9A-F]{32}$/);
    expect(pushed).toHaveLength(1);
    expect(pushed[0]).toMatchObject({
      body: 'the reply',
      header: { topic, producerGroup: 'producers', queueId: 0, storeHost: fixture.address },
    });
    const properties = decodeProperties(pushed[0]?.header.properties ?? '');
    expect([properties.get('CORRELATION_ID'), properties.get('REPLY_TO_CLIENT')]).toEqual(['1', 'asking']);
    expect(Number(properties.get('PUSH_REPLY_TIME'))).toBe(pushed[0]?.header.storeTimestamp);
    expect(await stored()).toBe(1);
  });

  it('say why they did not reach anybody, and are stored all the same', async () => {
    await expect(reply('nobody')).rejects.toThrow('push reply message fail, channel of <nobody> not found.');
    await expect(reply(undefined)).rejects.toThrow('reply message properties[REPLY_TO_CLIENT] is null');
    await requester('busy', false);
    await expect(reply('busy')).rejects.toThrow('push reply message to busyfail.');
    expect(await stored()).toBe(3);
  });

  it('go to the connection of the last heartbeat, and to none when the producer has left', async () => {
    const first = await requester('asking');
    await requester('asking');
    await first.close();
    await reply('asking');
    const last = await requester('leaving');
    await last.call(
      fixture.address,
      unregisterClient,
      { clientID: 'leaving', producerGroup: 'requesters' },
      { timeout: 5_000 },
    );
    await expect(reply('leaving')).rejects.toThrow('channel of <leaving> not found');
  });

  it('are only handed over when the broker is told not to store them', async () => {
    await fixture.close();
    fixture = await BrokerFixture.open({ config: { storeReplyMessageEnable: false } });
    responder = fixture.client();
    await requester('asking');
    const { header } = await reply('asking');
    expect(header).toMatchObject({ msgId: '0', queueId: 0, queueOffset: 0 });
    expect(await stored()).toBe(0);
  });

  it('are refused as sends are', async () => {
    const header = sendHeader({ topic: 'no/topic', properties: propertiesFor('asking') });
    const call = { body: Buffer.from('x'), timeout: 5_000 };
    await expect(responder.call(fixture.address, sendReplyMessageV2, header, call)).rejects.toMatchObject({
      responseCode: ResponseCode.INVALID_PARAMETER,
    });
  });
});

function propertiesFor(requester: string | undefined): string {
  return encodeProperties([
    ['MSG_TYPE', 'reply'],
    ['CORRELATION_ID', '1'],
    ['REPLY_TO_CLIENT', requester],
    ['TTL', '3000'],
  ]);
}
