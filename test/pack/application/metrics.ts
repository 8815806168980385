import { Injectable, Module } from '@nestjs/common';
import { RocketMQMessageListener, RocketMQTemplate } from 'nestjs-rocketmq';
import { RocketMQMetrics, RocketMQMetricsModule } from 'nestjs-rocketmq/metrics';
import { RocketMQTesting, RocketMQTestingModule } from 'nestjs-rocketmq/testing';
import { register } from 'prom-client';
import type { Check } from './report.js';
import { running } from './running.js';

@Injectable()
class Billing {
  @RocketMQMessageListener({ topic: 'orders', consumerGroup: 'billing' })
  bill(): void {}
}

@Module({ imports: [RocketMQTestingModule.forRoot(), RocketMQMetricsModule.forRoot()], providers: [Billing] })
class MetricsModule {}

/** In prom-client's registry of the application. */
export async function tryMetrics(check: Check): Promise<void> {
  await running(MetricsModule, async (app) => {
    await app.get(RocketMQTemplate).send('orders', ['one', 'two']);
    await app.get(RocketMQTesting).caughtUp('billing');
    check('its registry is the application’s', app.get(RocketMQMetrics).registry === register);
    const counted = (await register.metrics()).split('\n');
    const at = 'connection="default",topic="orders"';
    check('sends count', counted.includes(`rocketmq_sent_messages_total{${at}} 2`));
    const outcomes = `rocketmq_consume_outcomes_total{${at},consumer_group="billing",outcome="ack"} 2`;
    check('deliveries count', counted.includes(outcomes));
    check('lag is told', counted.includes(`rocketmq_consumer_lag_messages{${at},consumer_group="billing"} 0`));
  });
}
