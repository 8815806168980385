import { Injectable, Module } from '@nestjs/common';
import type { Admin } from 'nestjs-rocketmq/client';
import {
  InjectRocketMQAdmin,
  InjectRocketMQTemplate,
  RocketMQListeners,
  RocketMQMessageListener,
  RocketMQModule,
  type RocketMQModuleOptions,
  RocketMQTemplate,
} from 'nestjs-rocketmq';
import { Arrivals } from './arrivals.js';
import type { Check } from './report.js';
import { running } from './running.js';

interface BillingOptions extends RocketMQModuleOptions {
  topics: { invoices: string };
}

@Injectable()
class Clerks {
  readonly arrivals = new Arrivals<string>();

  constructor(
    readonly template: RocketMQTemplate,
    @InjectRocketMQTemplate('billing') readonly billing: RocketMQTemplate,
    @InjectRocketMQAdmin() readonly admin: Admin,
    @InjectRocketMQAdmin('billing') readonly billingAdmin: Admin,
  ) {}

  @RocketMQMessageListener({ topic: 'invoices', consumerGroup: 'clerks' })
  file(text: string): void {
    this.arrivals.put(`default: ${text}`);
  }

  @RocketMQMessageListener({
    topic: (options: BillingOptions) => options.topics.invoices,
    consumerGroup: 'clerks',
    connection: 'billing',
  })
  fileBilling(text: string): void {
    this.arrivals.put(`billing: ${text}`);
  }
}

@Module({
  imports: [
    RocketMQModule.forRoot({ embedded: { port: 0, storePathRootDir: 'connections/default' } }),
    RocketMQModule.forRootAsync({
      name: 'billing',
      ownKeys: ['topics'],
      useFactory: (): BillingOptions => ({
        embedded: { port: 0, storePathRootDir: 'connections/billing' },
        client: { instanceName: 'billing' },
        topics: { invoices: 'billing-invoices' },
      }),
    }),
    RocketMQModule.forFeature({
      connection: 'billing',
      groups: { clerks: { concurrency: 3 } },
      topics: [{ name: 'billing-invoices', queues: 2 }],
    }),
  ],
  providers: [Clerks],
})
class ConnectionsModule {}

/** Two clusters in one application, with one group name on both. */
export async function tryConnections(check: Check): Promise<void> {
  await running(ConnectionsModule, async (app) => {
    const { template, billing, admin, billingAdmin, arrivals } = app.get(Clerks);
    await template.send('invoices', 'ours');
    check('the one without a name', await arrivals.have(1), ['default: ours']);
    await billing.send('billing-invoices', 'theirs');
    check('the named one, topic by a factory', (await arrivals.have(2))[1], 'billing: theirs');
    const known = await Promise.all([admin, billingAdmin].map((one) => one.topicExists('billing-invoices')));
    check('each cluster has topics of its own', known, [false, true]);
    const explained = app.get(RocketMQListeners).explain();
    check(
      'defaults of its group',
      explained.includes('concurrency = 3, says RocketMQModule.forFeature in ConnectionsModule'),
    );
  });
}
