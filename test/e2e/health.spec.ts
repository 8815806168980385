import { Injectable } from '@nestjs/common';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import {
  NameServerModule,
  RocketMQConnection,
  RocketMQHealthIndicator,
  type RocketMQListener,
  RocketMQListeners,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQTemplate,
} from '../../src/index.js';
import { systemClock } from '../../libs/common/src/index.js';
import { RocketMQTesting, RocketMQTestingModule } from '../../src/testing/index.js';
import { Applications } from './applications.js';

// Real servers on a machine that may be busy.
jest.setTimeout(120_000);

const applications = new Applications();
afterEach(() => applications.closeAll());

@Injectable()
@RocketMQMessageListener({ topic: 'orders', consumerGroup: 'billing' })
class Billing implements RocketMQListener<string> {
  onMessage(): void {}
}

describe('the health indicator', () => {
  it('tells name servers, brokers, last successes and lag, and is taken by terminus', async () => {
    const app = await applications.start({
      imports: [RocketMQTestingModule.forRoot(), TerminusModule],
      providers: [Billing],
    });
    const indicator = app.get(RocketMQHealthIndicator);
    const template = app.get(RocketMQTemplate);
    const [address] = app.get(RocketMQConnection).nameServers;
    const before = await indicator.check();
    expect(before.rocketmq.connections['default']).toEqual({
      status: 'up',
      reason: undefined,
      connection: 'connected',
      nameServers: [{ address, status: 'up' }],
      brokers: [{ brokerName: 'test', cluster: 'DefaultCluster', addresses: [expect.stringMatching(/:\d+$/)] }],
      lastSent: undefined,
      groups: {
        billing: { state: 'running', lag: 0, inFlight: 0, lastConsumed: undefined, problem: undefined },
      },
    });
    const sentAt = new Date(systemClock.now()).toISOString();
    await template.send('orders', 'one');
    await app.get(RocketMQTesting).waitFor(async () => {
      const { lastSent = '', groups } = (await indicator.check()).rocketmq.connections['default']!;
      expect(lastSent >= sentAt).toBe(true);
      expect((groups['billing']?.lastConsumed ?? '') >= lastSent).toBe(true);
    });

    app.get(RocketMQListeners).pause('billing');
    for (let i = 0; i < 5; i++) await template.send('orders', `later ${i}`);
    const health = app.get(HealthCheckService, { strict: false });
    const well = await health.check([() => indicator.check('mq', { maxLag: 5 })]);
    expect(well).toMatchObject({
      status: 'ok',
      info: { mq: { connections: { default: { groups: { billing: { lag: 5 } } } } } },
    });
    const failure: unknown = await health
      .check([() => indicator.check('mq', { maxLag: 4 })])
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({
      status: 503,
      response: { error: { mq: { status: 'down', reason: "group 'billing' has 5 messages before it, more than 4" } } },
    });
    await expect(indicator.check('mq', { maxlag: 4 } as object)).rejects.toThrow(
      'maxlag is unknown; did you mean maxLag?',
    );
  });

  it('is down without a broker, and when no name server answers; one of two is enough', async () => {
    const app = await applications.start({
      imports: [NameServerModule.forRoot({ listenPort: 0 }), RocketMQModule.forRoot()],
    });
    const indicator = app.get(RocketMQHealthIndicator);
    expect((await indicator.check()).rocketmq).toMatchObject({
      status: 'down',
      reason: 'no broker is registered with the name servers',
    });
    const [address] = app.get(RocketMQConnection).nameServers;
    const other = await applications.start({
      imports: [RocketMQModule.forRoot({ nameServer: `127.0.0.1:1;${address}` })],
    });
    const asked = other.get(RocketMQHealthIndicator);
    const { connections } = (await asked.check()).rocketmq;
    expect(connections['default']?.nameServers).toMatchObject([
      { address: '127.0.0.1:1', status: 'down', reason: expect.stringContaining('ECONNREFUSED') },
      { address, status: 'up' },
    ]);
    await app.close();
    expect((await asked.check()).rocketmq.reason).toMatch(/^no name server answers \(127.0.0.1:1: .*; 127.0.0.1:\d+: /);
  });

  it('is down while handlers do not come to an end', async () => {
    let release = (): void => undefined;
    const stuck = new Promise<void>((resolve) => (release = resolve));
    @Injectable()
    class Endless {
      @RocketMQMessageListener({ topic: 'orders', consumerGroup: 'endless', concurrency: 1, consumeTimeout: 0.0001 })
      wait(): Promise<void> {
        return stuck;
      }
    }
    const app = await applications.start({ imports: [RocketMQTestingModule.forRoot()], providers: [Endless] });
    const indicator = app.get(RocketMQHealthIndicator);
    const testing = app.get(RocketMQTesting);
    await app.get(RocketMQTemplate).send('orders', 'x');
    const status = async (): Promise<unknown> => {
      const { reason, connections } = (await indicator.check()).rocketmq;
      return [reason, connections['default']?.groups['endless']?.problem];
    };
    const problem = expect.stringMatching(/1 handlers have not ended within consumeTimeout/);
    await testing.waitFor(async () => expect(await status()).toEqual([problem, problem]));
    release();
    await testing.waitFor(async () => expect(await status()).toEqual([undefined, undefined]));
  });

  it('is up where nothing is to be connected', async () => {
    const off = await applications.start({ imports: [RocketMQModule.forRoot({ enabled: false })] });
    expect((await off.get(RocketMQHealthIndicator).check()).rocketmq.status).toBe('up');
  });
});
