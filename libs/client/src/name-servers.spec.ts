import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createNameServer, type NameServer } from '../../namesrv/src/index.js';
import { BrokerFixture } from '../../testkit/src/broker-fixture.js';
import { createManualClock, TextServer } from '../../testkit/src/index.js';
import { eventually } from '../../testkit/src/eventually.js';
import { createClient } from './client.js';
import type { ClientConfig, RocketMQClient } from './contract/index.js';

describe('a client without name servers of its own', () => {
  const clock = createManualClock();
  let http: TextServer;
  let nameServers: NameServer[];
  let fixture: BrokerFixture;
  let open: { close(): Promise<void> }[];

  beforeEach(async () => {
    open = [];
    http = await TextServer.open();
    nameServers = [1, 2].map(() => createNameServer({ listenPort: 0, kvConfigPath: '/nowhere/kv.json' }));
    for (const nameServer of nameServers) await nameServer.start();
    const namesrvAddr = nameServers.map(({ address }) => address).join(';');
    fixture = await BrokerFixture.open({ config: { namesrvAddr } });
    process.env['rocketmq.namesrv.domain'] = http.address;
  });
  afterEach(async () => {
    delete process.env['rocketmq.namesrv.domain'];
    for (const closeable of open.toReversed()) await closeable.close();
    await fixture.close();
    for (const nameServer of nameServers) await nameServer.close();
    await http.close();
  });

  const client = (config: ClientConfig = {}): RocketMQClient => {
    const made = createClient({ clock, clientIP: '127.0.0.1', ...config });
    open.push(made);
    return made;
  };

  it('finds them by the address server, and goes on consuming when others take over', async () => {
    const [first, second] = nameServers as [NameServer, NameServer];
    http.answer = first.address;
    const shared = client();
    const producer = shared.createProducer();
    const received: string[] = [];
    const consumer = shared.createPushConsumer({
      consumerGroup: 'g',
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
      handler: (messages) => void received.push(...messages.map(({ body }) => body.toString())),
    });
    consumer.subscribe('Orders');
    await producer.start();
    await producer.send({ topic: 'Orders', body: Buffer.from('one') });
    await consumer.start();
    await eventually(() => received.length === 1);
    http.answer = `${second.address}\n`;
    const before = http.asked.length;
    clock.advance(10_000);
    await eventually(() => http.asked.length > before);
    await first.close();
    // A topic nobody asked for yet: only the second name server can know it.
    await producer.send({ topic: 'Late', body: Buffer.from('two') });
    await producer.send({ topic: 'Orders', body: Buffer.from('three') });
    await eventually(() => received.length === 2);
    expect(received).toEqual(['one', 'three']);
  });

  it('says what is wrong with the address server, and stops asking it when it is closed', async () => {
    http.answer = 'nonsense';
    const failing = client();
    await expect(failing.start()).rejects.toMatchObject({
      code: 'NAME_SERVER_UNAVAILABLE',
      message: expect.stringMatching(/the address server http:.*nsaddr names no name servers: it names "nonsense"/),
    });
    await failing.close();
    expect(clock.timers).toBe(0);
  });
});
