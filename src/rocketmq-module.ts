import { ConfigurableModuleBuilder, type DynamicModule, Inject, Module } from '@nestjs/common';
import { connectionProviders } from './connection-providers.js';
import { defaultConnectionName } from './connection/rocketmq-connection.js';
import { type ConnectionMark, RocketMQConnections } from './connection/rocketmq-connections.js';
import type { RocketMQModuleOptions } from './options/module-options.js';
import type { RocketMQFeatureOptions } from './options/feature-options.js';
import { optionsError } from './options/validate.js';
import { RocketMQCoreModule } from './rocketmq-core-module.js';
import { RocketMQFeatureModule } from './rocketmq-feature-module.js';

/** What `forRoot` and `forRootAsync` take beside the options of the connection. */
export interface RocketMQModuleExtras {
  /** Of the connection, for applications with several. One may be without. */
  name?: string | undefined;
  /**
   * Keys of the options object that are the application's own, such as `topics`: unknown ones are refused otherwise.
   * Functions in decorators see them: `topic: (options: ShopOptions) => options.topics.orders`.
   */
  ownKeys?: readonly string[] | undefined;
  /** false: the template can be injected where the module is imported only. Default true. */
  isGlobal?: boolean | undefined;
}

const asyncKeys: readonly string[] = [
  'useFactory',
  'useClass',
  'useExisting',
  'inject',
  'imports',
  'provideInjectionTokensFrom',
  'name',
  'ownKeys',
  'isGlobal',
];
const markToken = 'RocketMQModule:connection';

/** Static methods, option token and types that Nest derives for a module with options. */
export const rocketMQModuleHost = new ConfigurableModuleBuilder<RocketMQModuleOptions>({ moduleName: 'RocketMQ' })
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createRocketMQOptions')
  .setExtras<RocketMQModuleExtras>({ name: undefined, ownKeys: undefined, isGlobal: undefined }, withConnection)
  .build();

/**
 * Connects the application to a RocketMQ cluster: RocketMQTemplate to send, `@RocketMQMessageListener` to receive. Each
 * import is a connection; all but one have a `name`.
 *
 * @example
 * ```ts
 * \@Module({
 *   imports: [
 *     RocketMQModule.forRoot({ nameServer: 'mq1:9876;mq2:9876' }),
 *     RocketMQModule.forRoot({ name: 'billing', nameServer: 'billing-mq:9876' }),
 *   ],
 * })
 * export class AppModule {}
 * ```
 */
@Module({ imports: [RocketMQCoreModule] })
export class RocketMQModule extends rocketMQModuleHost.ConfigurableModuleClass {
  /** Without options NAMESRV_ADDR names the cluster. */
  static override forRoot(options: typeof rocketMQModuleHost.OPTIONS_TYPE = {}): DynamicModule {
    return super.forRoot(options);
  }

  /**
   * Options from a factory, a class or a provider that has `createRocketMQOptions`.
   *
   * @throws RocketMQOptionsError naming what is neither Nest's nor one of {@link RocketMQModuleExtras}.
   */
  static override forRootAsync(options: typeof rocketMQModuleHost.ASYNC_OPTIONS_TYPE): DynamicModule {
    const unknown = Object.keys(options).filter((key) => !asyncKeys.includes(key));
    if (unknown.length === 0) return super.forRootAsync(options);
    throw optionsError(
      'RocketMQModule.forRootAsync',
      unknown.map((key) => `${key} is unknown; known: ${asyncKeys.join(', ')}`),
    );
  }

  /**
   * Defaults for groups and listeners of a connection, and topics that it has to have. Groups and listeners that the
   * application does not have are refused, and so is what two modules say of the same one.
   */
  static forFeature(options: RocketMQFeatureOptions): DynamicModule {
    return RocketMQFeatureModule.of(options);
  }

  /** @internal */
  constructor(
    @Inject(rocketMQModuleHost.MODULE_OPTIONS_TOKEN) options: unknown,
    @Inject(markToken) mark: ConnectionMark,
    connections: RocketMQConnections,
  ) {
    super();
    connections.configure(mark, options);
  }
}

/** What of the module bears the connection's name. */
function withConnection(definition: DynamicModule, extras: RocketMQModuleExtras): DynamicModule {
  const { name = defaultConnectionName, ownKeys = [], isGlobal = true } = extras;
  const mark: ConnectionMark = { name, ownKeys };
  const own = connectionProviders(name);
  return {
    ...definition,
    global: isGlobal,
    providers: [...(definition.providers ?? []), { provide: markToken, useValue: mark }, ...own],
    exports: [...(definition.exports ?? []), ...own.map(({ provide }) => provide)],
  };
}
