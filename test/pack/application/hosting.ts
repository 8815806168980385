import { Injectable, Module, type OnApplicationBootstrap } from '@nestjs/common';
import {
  BrokerModule,
  HostedBroker,
  HostedNameServer,
  NameServerModule,
  type RocketMQListener,
  RocketMQListeners,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQTemplate,
} from 'nestjs-rocketmq';
import { Arrivals } from './arrivals.js';
import type { Check } from './report.js';
import { running } from './running.js';

/** Nest's two releases call the hooks of the application in an order of their own. */
@Injectable()
@RocketMQMessageListener({ topic: 'hosted', consumerGroup: 'hosted' })
class Early implements RocketMQListener<string>, OnApplicationBootstrap {
  foundRunning: boolean | undefined;
  readonly arrivals = new Arrivals<string>();

  constructor(private readonly listeners: RocketMQListeners) {}

  onApplicationBootstrap(): void {
    this.foundRunning = this.listeners.states.some((listener) => listener.running);
  }

  onMessage(text: string): void {
    this.arrivals.put(text);
  }
}

@Module({
  imports: [
    RocketMQModule.forRoot({}),
    BrokerModule.forRootAsync({ useFactory: () => ({ listenPort: 0, storePathRootDir: 'hosting' }) }),
    NameServerModule.forRoot({ listenPort: 0 }),
  ],
  providers: [Early],
})
class HostingModule {}

/** A name server and a broker as modules of the application. */
export async function tryHosting(check: Check): Promise<void> {
  await running(HostingModule, async (app) => {
    check('the name server listens', app.get(HostedNameServer).port > 0);
    check('the broker serves', app.get(HostedBroker).unavailable === undefined);
    check('listeners wait for the bootstrap', app.get(Early).foundRunning, false);
    await app.get(RocketMQTemplate).send('hosted', 'through both');
    check('a message goes through both', await app.get(Early).arrivals.have(1), ['through both']);
  });
}
