// Two clusters in one application: a connection with a name, its template and native admin, defaults from a feature module,
// options from a factory, and what counts in the end.
import assert from 'node:assert/strict';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  InjectRocketMQAdmin,
  InjectRocketMQTemplate,
  RocketMQListeners,
  RocketMQMessageListener,
  RocketMQModule,
  type RocketMQModuleOptions,
  RocketMQTemplate,
} from 'nestjs-rocketmq';
import type { Admin } from 'nestjs-rocketmq/client';
import { play } from './playground.js';

interface BillingOptions extends RocketMQModuleOptions {
  topics: { invoices: string };
}

const filed = new EventEmitter();

@Injectable()
class Clerk {
  constructor(
    readonly shop: RocketMQTemplate,
    @InjectRocketMQTemplate('billing') readonly billing: RocketMQTemplate,
    @InjectRocketMQAdmin('billing') readonly admin: Admin,
  ) {}

  @RocketMQMessageListener({ topic: 'two-orders', consumerGroup: 'clerks' })
  async order(id: string): Promise<void> {
    await this.billing.send('two-invoices', `invoice of ${id}`);
  }

  @RocketMQMessageListener({
    name: 'invoices',
    connection: 'billing',
    topic: ({ topics }: BillingOptions) => topics.invoices,
    consumerGroup: 'invoice-clerks',
  })
  file(invoice: string): void {
    filed.emit('invoice', invoice);
  }
}

await play(async ({ nameServer, topic }) => {
  await topic('two-orders');
  const storePathRootDir = await mkdtemp(join(tmpdir(), 'rocketmq-billing-'));
  @Module({
    imports: [
      RocketMQModule.forRoot({ nameServer, consumer: { maxReconsumeTimes: 5 } }),
      RocketMQModule.forRootAsync({
        name: 'billing',
        ownKeys: ['topics'],
        // In production: nameServer, from a ConfigService.
        useFactory: (): BillingOptions => ({
          embedded: { port: 0, storePathRootDir },
          topics: { invoices: 'two-invoices' },
        }),
      }),
      RocketMQModule.forFeature({
        connection: 'billing',
        groups: { 'invoice-clerks': { concurrency: 5 } },
        listeners: { invoices: { onPoison: 'dlq' } },
        topics: [{ name: 'two-invoices', queues: 2 }],
      }),
    ],
    providers: [Clerk],
  })
  class Office {}
  // With NAMESRV_ADDR set the billing connection takes that cluster, too.
  const app = await NestFactory.createApplicationContext(Office, { logger: ['error'] });
  try {
    const clerk = app.get(Clerk);
    const invoice = once(filed, 'invoice', { signal: AbortSignal.timeout(30_000) });
    await clerk.shop.send('two-orders', 'o-1');
    assert.deepEqual(await invoice, ['invoice of o-1']);
    assert.ok(await clerk.admin.topicExists('two-invoices'));
    const listeners = app.get(RocketMQListeners);
    listeners.pause('invoice-clerks');
    console.log(listeners.explain());
  } finally {
    await app.close();
    await rm(storePathRootDir, { recursive: true, force: true });
  }
});
