import { Injectable, Module } from '@nestjs/common';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { RocketMQHealthIndicator, RocketMQListeners, RocketMQMessageListener, RocketMQTemplate } from 'nestjs-rocketmq';
import { RocketMQTestingModule } from 'nestjs-rocketmq/testing';
import type { Check } from './report.js';
import { running } from './running.js';

@Injectable()
class Billing {
  @RocketMQMessageListener({ topic: 'orders', consumerGroup: 'billing' })
  bill(): void {}
}

@Module({ imports: [RocketMQTestingModule.forRoot(), TerminusModule], providers: [Billing] })
class HealthModule {}

/** The indicator in terminus. */
export async function tryHealth(check: Check): Promise<void> {
  await running(HealthModule, async (app) => {
    const indicator = app.get(RocketMQHealthIndicator);
    const health = app.get(HealthCheckService, { strict: false });
    const { status, details } = await health.check([() => indicator.check()]);
    check('terminus takes it', [status, details['rocketmq']?.status], ['ok', 'up']);
    app.get(RocketMQListeners).pause('billing');
    await app.get(RocketMQTemplate).send('orders', 'waits');
    const asked = health.check([() => indicator.check('mq', { maxLag: 0 })]);
    const failure = (await asked.catch((error: unknown) => error)) as { status?: number; response?: unknown };
    check('too much lag is an error of terminus', failure.status, 503);
    check('it says why', JSON.stringify(failure.response).includes("group 'billing' has 1 messages before it"));
  });
}
