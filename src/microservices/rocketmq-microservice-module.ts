import { ConfigurableModuleBuilder, type DynamicModule, Inject, Module, type OnModuleInit } from '@nestjs/common';
import { defaultConnectionName } from '../connection/rocketmq-connection.js';
import { RocketMQConnections } from '../connection/rocketmq-connections.js';
import { RocketMQListeners } from '../listener/rocketmq-listeners.js';
import { RocketMQOptionsError, validateOptions } from '../options/validate.js';
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
      inject: [RocketMQComposition, RocketMQListeners, RocketMQConnections, checkedOptions],
      useFactory: (
        composition: RocketMQComposition,
        listeners: RocketMQListeners,
        connections: RocketMQConnections,
        options: RocketMQMicroserviceOptions,
      ) => new RocketMQServer({ composition, listeners, connections, options }),
    },
    {
      provide: RocketMQClient,
      // The template of a named connection cannot be injected by a name that is known only now.
      inject: [{ token: RocketMQTemplate, optional: true }, RocketMQConnections, checkedOptions],
      useFactory: (
        unnamed: RocketMQTemplate | undefined,
        connections: RocketMQConnections,
        { connection = defaultConnectionName, timeout }: RocketMQMicroserviceOptions,
      ) => {
        const own = connection === defaultConnectionName ? unnamed : undefined;
        return new RocketMQClient({ template: own ?? new RocketMQTemplate(connections.of(connection)), timeout });
      },
    },
  ],
  exports: [RocketMQServer, RocketMQClient],
})
export class RocketMQMicroserviceModule
  extends rocketMQMicroserviceModuleHost.ConfigurableModuleClass
  implements OnModuleInit
{
  /** Without options every pattern names its consumer group. */
  static override forRoot(options: typeof rocketMQMicroserviceModuleHost.OPTIONS_TYPE = {}): DynamicModule {
    return super.forRoot(options);
  }

  constructor(
    @Inject(checkedOptions) private readonly options: RocketMQMicroserviceOptions,
    private readonly connections: RocketMQConnections,
  ) {
    super();
  }

  /** @throws RocketMQOptionsError when `connection` is none of the application's. */
  onModuleInit(): void {
    const problem = this.connections.problemWith(this.options.connection ?? defaultConnectionName);
    if (problem !== undefined) throw new RocketMQOptionsError(`RocketMQMicroserviceModule: ${problem}`);
  }
}
