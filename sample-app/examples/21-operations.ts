// What an operator sees of an application: its health, and its metrics in prom-client's registry.
import assert from 'node:assert/strict';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  RocketMQHealthIndicator,
  RocketMQListeners,
  RocketMQMessageListener,
  RocketMQModule,
  type RocketMQOutcome,
  RocketMQTemplate,
  toDlq,
} from 'nestjs-rocketmq';
import { RocketMQMetrics, RocketMQMetricsModule } from 'nestjs-rocketmq/metrics';
import { play } from './playground.js';

await play(async ({ nameServer, topic }) => {
  const orders = await topic('operations-orders', 1);

  @Injectable()
  class Billing {
    @RocketMQMessageListener({
      topic: orders,
      consumerGroup: 'operations',
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    })
    bill(order: string): void | RocketMQOutcome {
      if (order === 'odd') return toDlq('odd order');
    }
  }

  @Module({
    imports: [RocketMQModule.forRoot({ nameServer }), RocketMQMetricsModule.forRoot()],
    providers: [Billing],
  })
  class Shop {}

  const app = await NestFactory.createApplicationContext(Shop, { logger: ['error'] });
  try {
    const template = app.get(RocketMQTemplate);
    const indicator = app.get(RocketMQHealthIndicator);
    for (const order of ['one', 'two', 'odd']) await template.send(orders, order);
    const handled = (): number =>
      app
        .get(RocketMQListeners)
        .states.map(({ figures }) => figures.acked + figures.deadLettered)
        .reduce((sum, count) => sum + count, 0);
    while (handled() < 3) await new Promise((resolve) => setImmediate(resolve));

    const { rocketmq } = await indicator.check('rocketmq', { maxLag: 1000 });
    console.log(JSON.stringify(rocketmq.connections['default'], undefined, 2));
    assert.equal(rocketmq.status, 'up');
    assert.equal(rocketmq.connections['default']?.groups['operations']?.state, 'running');

    const lines = (await app.get(RocketMQMetrics).registry.metrics()).split('\n');
    const counted = lines.filter((line) =>
      /^rocketmq_(consume_outcomes|send_to_dlq|sent_messages)\w*_total{/.test(line),
    );
    console.log(counted.join('\n'));
    const at = `connection="default",topic="${orders}",consumer_group="operations"`;
    assert.ok(counted.includes(`rocketmq_consume_outcomes_total{${at},outcome="ack"} 2`));
    assert.ok(counted.includes(`rocketmq_send_to_dlq_messages_total{${at},reason="odd order"} 1`));
  } finally {
    await app.close();
  }
});
