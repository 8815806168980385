import { Injectable } from '@nestjs/common';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Registry } from 'prom-client';
import {
  BatchItem,
  getRocketMQTemplateToken,
  RocketMQConnection,
  RocketMQHealthIndicator,
  RocketMQListeners,
  RocketMQMessageListener,
  RocketMQModule,
  type RocketMQListener,
  type RocketMQOutcome,
  RocketMQTemplate,
  toDlq,
} from '../../src/index.js';
import { RocketMQMetrics, RocketMQMetricsModule } from '../../src/metrics/index.js';
import { RocketMQTesting, RocketMQTestingModule } from '../../src/testing/index.js';
import { Applications } from './applications.js';
import { Mailbox } from './mailbox.js';

// Real servers on a machine that may be busy.
jest.setTimeout(120_000);

const applications = new Applications();
afterEach(() => applications.closeAll());

/** Samples of a registry, 'name{label="value",...} value' each, that begin with one of the names. */
async function samples(registry: Registry, ...names: string[]): Promise<string[]> {
  const lines = (await registry.metrics()).split('\n');
  return lines.filter((line) => names.some((name) => line.startsWith(`${name}{`)));
}

const seen = new Mailbox<string>();

@Injectable()
@RocketMQMessageListener({ topic: 'orders', consumerGroup: 'billing' })
class Billing implements RocketMQListener<string> {
  onMessage(order: string): void | RocketMQOutcome {
    seen.put(order);
    if (order === 'bad') throw new Error('bad');
    return order === 'odd' ? toDlq('odd order') : undefined;
  }
}

describe('metrics', () => {
  it('tell sends, failures, handlers, outcomes and lag under the names of 5.x', async () => {
    seen.items.splice(0);
    const registry = new Registry();
    const app = await applications.start({
      imports: [RocketMQTestingModule.forRoot(), RocketMQMetricsModule.forRoot({ registry })],
      providers: [Billing],
    });
    expect(app.get(RocketMQMetrics).registry).toBe(registry);
    const template = app.get(RocketMQTemplate);
    await template.send('orders:paid', 'good', { keys: 'secret-key' });
    await template.send('orders', ['bad', new BatchItem('odd')]);
    await template.sendOneWay('orders', 'late');
    await expect(template.send('orders', '')).rejects.toThrow();
    await seen.have(4);
    const outcome = 'rocketmq_consume_outcomes_total{connection="default",topic="orders",consumer_group="billing"';
    await app
      .get(RocketMQTesting)
      .waitFor(async () =>
        expect((await samples(registry, 'rocketmq_consume_outcomes_total')).toSorted()).toEqual([
          `${outcome},outcome="ack"} 2`,
          `${outcome},outcome="dlq"} 1`,
          `${outcome},outcome="retry"} 1`,
        ]),
      );
    const at = 'connection="default",topic="orders"';
    const names = ['send_cost_time_count', 'sent_messages_total', 'send_failures_total', 'send_to_dlq_messages_total'];
    expect((await samples(registry, ...names.map((name) => `rocketmq_${name}`))).toSorted()).toEqual([
      `rocketmq_send_cost_time_count{${at},kind="oneWay",invocation_status="success"} 1`,
      `rocketmq_send_cost_time_count{${at},kind="send",invocation_status="failure"} 1`,
      `rocketmq_send_cost_time_count{${at},kind="send",invocation_status="success"} 2`,
      `rocketmq_send_failures_total{${at},code="ARGUMENT_INVALID",response_code=""} 1`,
      `rocketmq_send_to_dlq_messages_total{${at},consumer_group="billing",reason="odd order"} 1`,
      `rocketmq_sent_messages_total{${at}} 4`,
    ]);
    const process = `rocketmq_process_time_count{${at},consumer_group="billing"`;
    expect((await samples(registry, 'rocketmq_process_time_count')).toSorted()).toEqual([
      `${process},invocation_status="failure"} 2`,
      `${process},invocation_status="success"} 2`,
    ]);
    expect(await samples(registry, 'rocketmq_sends_inflight', 'rocketmq_handlers_running')).toEqual([
      'rocketmq_sends_inflight{connection="default"} 0',
      `rocketmq_handlers_running{${at},consumer_group="billing"} 0`,
    ]);
    expect(await registry.metrics()).not.toMatch(/secret-key/);
  });

  it('tell what a paused group has before it, and nothing of an application that has stopped', async () => {
    seen.items.splice(0);
    const registry = new Registry();
    const app = await applications.start({
      imports: [
        RocketMQTestingModule.forRoot(),
        RocketMQMetricsModule.forRootAsync({ useFactory: () => ({ registry }) }),
      ],
      providers: [Billing],
    });
    const template = app.get(RocketMQTemplate);
    await template.send('orders', 'first');
    await seen.have(1);
    const lag = 'rocketmq_consumer_lag_messages{connection="default",topic="orders",consumer_group="billing"}';
    const lags = () => samples(registry, 'rocketmq_consumer_lag_messages');
    await app.get(RocketMQTesting).waitFor(async () => expect(await lags()).toContain(`${lag} 0`));
    app.get(RocketMQListeners).pause('billing');
    for (let i = 0; i < 8; i++) await template.send('orders', `later ${i}`);
    expect(await lags()).toContain(`${lag} 8`);
    await app.close();
    expect(await lags()).toEqual([]);
  });

  it('of two applications in one process add up', async () => {
    seen.items.splice(0);
    const registry = new Registry();
    const imports = () => [RocketMQTestingModule.forRoot(), RocketMQMetricsModule.forRoot({ registry })];
    const [one, other] = [
      await applications.start({ imports: imports() }),
      await applications.start({ imports: imports() }),
    ];
    await one.get(RocketMQTemplate).send('orders', 'x');
    await other.get(RocketMQTemplate).send('orders', 'y');
    expect(await samples(registry, 'rocketmq_sent_messages_total')).toEqual([
      'rocketmq_sent_messages_total{connection="default",topic="orders"} 2',
    ]);
  });

  it('and health tell the connections apart', async () => {
    const host = await applications.start({ imports: [RocketMQTestingModule.forRoot()] });
    const [nameServer = ''] = host.get(RocketMQConnection).nameServers;
    const billed = new Mailbox<string>();
    @Injectable()
    class Accounts {
      @RocketMQMessageListener({ topic: 'accounts', consumerGroup: 'accounts', connection: 'billing' })
      keep(text: string): void {
        billed.put(text);
      }
    }
    const registry = new Registry();
    const app = await applications.start({
      imports: [
        RocketMQModule.forRoot({ nameServer }),
        RocketMQModule.forRoot({ name: 'billing', nameServer }),
        RocketMQMetricsModule.forRoot({ registry }),
      ],
      providers: [Accounts],
    });
    await app.get<RocketMQTemplate>(getRocketMQTemplateToken('billing')).send('accounts', 'x');
    await app.get(RocketMQTemplate).send('orders', 'y');
    expect((await samples(registry, 'rocketmq_sent_messages_total')).toSorted()).toEqual([
      'rocketmq_sent_messages_total{connection="billing",topic="accounts"} 1',
      'rocketmq_sent_messages_total{connection="default",topic="orders"} 1',
    ]);
    const { connections } = (await app.get(RocketMQHealthIndicator).check()).rocketmq;
    expect(Object.entries(connections).map(([name, { groups }]) => [name, Object.keys(groups)])).toEqual([
      ['default', []],
      ['billing', ['accounts']],
    ]);
    const lag =
      'rocketmq_consumer_lag_messages{connection="billing",topic="%RETRY%accounts",consumer_group="accounts"} 0';
    expect(await billed.have(1)).toEqual(['x']);
    const lags = () => samples(registry, 'rocketmq_consumer_lag_messages');
    await host.get(RocketMQTesting).waitFor(async () => expect(await lags()).toContain(lag));
  });

  it('refuse options they do not know, and to count twice', async () => {
    const wrong = RocketMQMetricsModule.forRoot({ maxTopic: 3 } as object);
    await expect(applications.start({ imports: [wrong] })).rejects.toThrow(
      'RocketMQMetricsModule: an option is wrong:\n  maxTopic is unknown; did you mean maxTopics?',
    );
    const registry = new Registry();
    const twice = [
      RocketMQMetricsModule.forRoot({ registry }),
      RocketMQMetricsModule.forRoot({ registry, maxTopics: 1 }),
    ];
    const module = RocketMQModule.forRoot({ enabled: false });
    await expect(applications.start({ imports: [module, ...twice] })).rejects.toThrow(/forRoot is imported twice/);
  });
});
