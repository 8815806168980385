import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { defaultConnectionName, RocketMQConnection } from './connection/rocketmq-connection.js';
import { RocketMQConnections } from './connection/rocketmq-connections.js';
import { RocketMQFeatures } from './connection/rocketmq-features.js';
import { ConsumerLag } from './health/consumer-lag.js';
import { RocketMQHealthIndicator } from './health/rocketmq-health-indicator.js';
import { MessageFilterExplorer } from './hosting/message-filter-explorer.js';
import { GroupAssembly } from './listener/group-assembly.js';
import { ListenerExplorer } from './listener/listener-explorer.js';
import { ListenerInvoker } from './listener/listener-invoker.js';
import { RocketMQListeners } from './listener/rocketmq-listeners.js';
import { TransactionExplorer } from './listener/transaction-explorer.js';
import { RocketMQComposition } from './rocketmq-composition.js';
import { RocketMQObservers } from './rocketmq-observers.js';
import { SendInterceptorExplorer } from './template/send-interceptor-explorer.js';

/**
 * What exists once per application however many of the package's modules it imports. Global, so that Nest starts it
 * before the application's own modules and stops it after them.
 */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    RocketMQConnections,
    {
      provide: RocketMQConnection,
      inject: [RocketMQConnections],
      useFactory: (connections: RocketMQConnections) => connections.of(defaultConnectionName),
    },
    RocketMQFeatures,
    RocketMQObservers,
    ListenerExplorer,
    ListenerInvoker,
    GroupAssembly,
    RocketMQListeners,
    ConsumerLag,
    TransactionExplorer,
    MessageFilterExplorer,
    SendInterceptorExplorer,
    RocketMQComposition,
    RocketMQHealthIndicator,
  ],
  exports: [
    RocketMQConnections,
    RocketMQFeatures,
    RocketMQConnection,
    RocketMQListeners,
    RocketMQComposition,
    RocketMQObservers,
    ConsumerLag,
    RocketMQHealthIndicator,
  ],
})
export class RocketMQCoreModule {}
