import { ConfigurableModuleBuilder, type DynamicModule, Module } from '@nestjs/common';
import { RocketMQComposition } from '../rocketmq-composition.js';
import { RocketMQCoreModule } from '../rocketmq-core-module.js';
import { HostedBroker } from './hosted-broker.js';
import { type BrokerModuleOptions, brokerSettings } from './hosting-options.js';
import { readBrokerSettings } from './server-options.js';

/** Static methods, option token and types that Nest derives for a module with options. */
export const brokerModuleHost = new ConfigurableModuleBuilder<BrokerModuleOptions>({ moduleName: 'RocketMQBroker' })
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createBrokerOptions')
  .setExtras({ isGlobal: false }, (definition, { isGlobal }): DynamicModule => ({ ...definition, global: isGlobal }))
  .build();

/**
 * Hosts a broker in this application: it serves from the modules' init, after a hosted name server, until the
 * application's shutdown, after the connection of RocketMQModule has closed.
 */
@Module({
  imports: [RocketMQCoreModule],
  providers: [
    {
      provide: HostedBroker,
      inject: [brokerModuleHost.MODULE_OPTIONS_TOKEN, RocketMQComposition],
      useFactory: (options: BrokerModuleOptions, composition: RocketMQComposition) => {
        const config = readBrokerSettings(brokerSettings(options), 'BrokerModule');
        const broker = new HostedBroker(config, options?.messageFilters);
        composition.hostBroker(broker);
        return broker;
      },
    },
  ],
  exports: [HostedBroker],
})
export class BrokerModule extends brokerModuleHost.ConfigurableModuleClass {
  /** Without options the defaults count. */
  static override forRoot(options: typeof brokerModuleHost.OPTIONS_TYPE = {}): DynamicModule {
    return super.forRoot(options);
  }
}
