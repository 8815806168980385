import { ConfigurableModuleBuilder, type DynamicModule, Module } from '@nestjs/common';
import { RocketMQComposition } from '../rocketmq-composition.js';
import { RocketMQCoreModule } from '../rocketmq-core-module.js';
import { HostedNameServer } from './hosted-name-server.js';
import { type NameServerModuleOptions, nameServerSettings } from './hosting-options.js';
import { readNameServerSettings } from './server-options.js';

/** Static methods, option token and types that Nest derives for a module with options. */
export const nameServerModuleHost = new ConfigurableModuleBuilder<NameServerModuleOptions>({
  moduleName: 'RocketMQNameServer',
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createNameServerOptions')
  .setExtras({ isGlobal: false }, (definition, { isGlobal }): DynamicModule => ({ ...definition, global: isGlobal }))
  .build();

/** Hosts a name server in this application: it listens from the modules' init until the application's shutdown. */
@Module({
  imports: [RocketMQCoreModule],
  providers: [
    {
      provide: HostedNameServer,
      inject: [nameServerModuleHost.MODULE_OPTIONS_TOKEN, RocketMQComposition],
      useFactory: (options: NameServerModuleOptions, composition: RocketMQComposition) => {
        const server = new HostedNameServer(readNameServerSettings(nameServerSettings(options), 'NameServerModule'));
        composition.hostNameServer(server);
        return server;
      },
    },
  ],
  exports: [HostedNameServer],
})
export class NameServerModule extends nameServerModuleHost.ConfigurableModuleClass {
  /** Without options the defaults count. */
  static override forRoot(options: typeof nameServerModuleHost.OPTIONS_TYPE = {}): DynamicModule {
    return super.forRoot(options);
  }
}
