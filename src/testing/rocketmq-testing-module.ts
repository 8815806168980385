import { type DynamicModule, Module } from '@nestjs/common';
import { connectionProviders } from '../connection-providers.js';
import { defaultConnectionName } from '../connection/rocketmq-connection.js';
import type { ServerEntries } from '../hosting/server-options.js';
import { RocketMQComposition } from '../rocketmq-composition.js';
import { RocketMQCoreModule } from '../rocketmq-core-module.js';
import { RocketMQTesting } from './rocketmq-testing.js';
import { TestServers } from './test-servers.js';

/** How the servers of a test are set up. */
export interface RocketMQTestingOptions {
  /** Further keys of the broker, in Apache's spelling. */
  readonly broker?: ServerEntries;
}

/**
 * Real servers for a test: a name server and a broker on free ports in a temporary directory, gone when the application
 * closes. Every RocketMQModule of the application connects to them whatever its options say; an application without one
 * gets RocketMQTemplate from here. Start the application with `app.init()`.
 *
 * @example
 * ```ts
 * const app = await Test.createTestingModule({ imports: [RocketMQTestingModule.forRoot(), ShopModule] }).compile();
 * await app.init();
 * const [placed] = await app.get(RocketMQTesting).collect('orders', 1);
 * ```
 */
@Module({})
export class RocketMQTestingModule {
  /** Servers for one application. Import it once. */
  static forRoot({ broker = {} }: RocketMQTestingOptions = {}): DynamicModule {
    const servers = {
      provide: TestServers,
      inject: [RocketMQComposition],
      useFactory: (composition: RocketMQComposition) => {
        const started = new TestServers(broker);
        composition.redirect(started);
        return started;
      },
    };
    const parts = connectionProviders(defaultConnectionName);
    return {
      module: RocketMQTestingModule,
      global: true,
      imports: [RocketMQCoreModule],
      providers: [servers, ...parts, RocketMQTesting],
      exports: [servers, ...parts, RocketMQTesting],
    };
  }
}
