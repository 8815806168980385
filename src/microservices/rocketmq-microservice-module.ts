import { ConfigurableModuleBuilder, type DynamicModule, Module } from '@nestjs/common';
import { RocketMQConnection } from '../connection/rocketmq-connection.js';
import { RocketMQListeners } from '../listener/rocketmq-listeners.js';
import { validateOptions } from '../options/validate.js';
import { RocketMQComposition } from '../rocketmq-composition.js';
import { RocketMQCoreModule } from '../rocketmq-core-module.js';
import { RocketMQTemplate } from '../template/rocketmq-template.js';
import { RocketMQMicroserviceOptions } from './microservice-options.js';
import { RocketMQClient } from './rocketmq-client.js';
import { RocketMQServer } from './rocketmq-server.js';

/** Static methods, option token and types that Nest derives for a module with options. */
export const rocketMQMicroserviceModuleHost = new ConfigurableModuleBuilder<RocketMQMicroserviceOptions>({
  moduleName: 'RocketMQMicroservice',
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createRocketMQMicroserviceOptions')
  .setExtras({ isGlobal: true }, (definition, { isGlobal }): DynamicModule => ({ ...definition, global: isGlobal }))
  .build();

const checkedOptions = Symbol('RocketMQMicroserviceOptions');

/**
 * The transport of an application that has RocketMQModule: RocketMQServer, RocketMQClient.
 *
 * @example
 * ```ts
 * \@Module({
 *   imports: [RocketMQModule.forRoot({ nameServer }), RocketMQMicroserviceModule.forRoot({ consumerGroup: 'billing' })],
 *   controllers: [Billing],
 * })
 * export class AppModule {}
 * ```
 */
@Module({
  imports: [RocketMQCoreModule],
  providers: [
    {
      provide: checkedOptions,
      inject: [rocketMQMicroserviceModuleHost.MODULE_OPTIONS_TOKEN],
      useFactory: (options: unknown) =>
        validateOptions(RocketMQMicroserviceOptions, options, 'RocketMQMicroserviceModule'),
    },
    {
      provide: RocketMQServer,
      inject: [RocketMQComposition, RocketMQListeners, RocketMQConnection, checkedOptions],
      useFactory: (
        composition: RocketMQComposition,
        listeners: RocketMQListeners,
        connection: RocketMQConnection,
        options: RocketMQMicroserviceOptions,
      ) => new RocketMQServer({ composition, listeners, connection, options }),
    },
    {
      provide: RocketMQClient,
      inject: [RocketMQTemplate, checkedOptions],
      useFactory: (template: RocketMQTemplate, { timeout }: RocketMQMicroserviceOptions) =>
        new RocketMQClient({ template, timeout }),
    },
  ],
  exports: [RocketMQServer, RocketMQClient],
})
export class RocketMQMicroserviceModule extends rocketMQMicroserviceModuleHost.ConfigurableModuleClass {
  /** Without options every pattern names its consumer group. */
  static override forRoot(options: typeof rocketMQMicroserviceModuleHost.OPTIONS_TYPE = {}): DynamicModule {
    return super.forRoot(options);
  }
}
