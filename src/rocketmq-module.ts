import { ConfigurableModuleBuilder, type DynamicModule, Inject, Module } from '@nestjs/common';
import { RocketMQConnection } from './connection/rocketmq-connection.js';
import { RocketMQHealthIndicator } from './health/rocketmq-health-indicator.js';
import { RocketMQModuleOptions } from './options/module-options.js';
import { validateOptions } from './options/validate.js';
import { RocketMQCoreModule } from './rocketmq-core-module.js';
import { RocketMQTemplate } from './template/rocketmq-template.js';

/** Static methods, option token and types that Nest derives for a module with options. */
export const rocketMQModuleHost = new ConfigurableModuleBuilder<RocketMQModuleOptions>({ moduleName: 'RocketMQ' })
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createRocketMQOptions')
  .setExtras({ isGlobal: true }, (definition, { isGlobal }): DynamicModule => ({ ...definition, global: isGlobal }))
  .build();

/**
 * Connects the application to a RocketMQ cluster: RocketMQTemplate to send, `@RocketMQMessageListener` to receive.
 *
 * @example
 * ```ts
 * \@Module({ imports: [RocketMQModule.forRoot({ nameServer: 'mq1:9876;mq2:9876' })] })
 * export class AppModule {}
 * ```
 */
@Module({
  imports: [RocketMQCoreModule],
  providers: [
    {
      provide: RocketMQTemplate,
      inject: [RocketMQConnection],
      useFactory: (connection: RocketMQConnection) => new RocketMQTemplate(connection),
    },
    RocketMQHealthIndicator,
  ],
  exports: [RocketMQTemplate, RocketMQHealthIndicator],
})
export class RocketMQModule extends rocketMQModuleHost.ConfigurableModuleClass {
  /** Without options NAMESRV_ADDR names the cluster. */
  static override forRoot(options: typeof rocketMQModuleHost.OPTIONS_TYPE = {}): DynamicModule {
    return super.forRoot(options);
  }

  constructor(@Inject(rocketMQModuleHost.MODULE_OPTIONS_TOKEN) options: unknown, connection: RocketMQConnection) {
    super();
    connection.configure(validateModuleOptions(options));
  }
}

/** `embedded` is a switch or an object: as an object it is checked like every other. */
function validateModuleOptions(options: unknown): RocketMQModuleOptions {
  if (typeof options !== 'object' || options === null)
    return validateOptions(RocketMQModuleOptions, options, 'RocketMQModule');
  const embedded = 'embedded' in options ? options.embedded : undefined;
  const switched = embedded === true ? {} : embedded === false ? undefined : embedded;
  return validateOptions(RocketMQModuleOptions, { ...options, embedded: switched }, 'RocketMQModule');
}
