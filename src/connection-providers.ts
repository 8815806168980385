import type { FactoryProvider } from '@nestjs/common';
import { ConnectedAdmin } from './connection/connected-admin.js';
import { ConnectedProducer } from './connection/connected-producer.js';
import { defaultConnectionName, type RocketMQConnection } from './connection/rocketmq-connection.js';
import { RocketMQConnections } from './connection/rocketmq-connections.js';
import {
  getRocketMQAdminToken,
  getRocketMQConnectionToken,
  getRocketMQProducerToken,
  getRocketMQTemplateToken,
} from './injection-tokens.js';
import { RocketMQTemplate } from './template/rocketmq-template.js';

/** What can be injected of a connection. */
export function connectionProviders(name: string): readonly FactoryProvider[] {
  const connection: FactoryProvider<RocketMQConnection> = {
    provide: getRocketMQConnectionToken(name),
    inject: [RocketMQConnections],
    useFactory: (connections: RocketMQConnections) => connections.of(name),
  };
  const parts = [
    ofConnection(name, getRocketMQTemplateToken(name), (of) => new RocketMQTemplate(of)),
    ofConnection(name, getRocketMQProducerToken(name), (of) => new ConnectedProducer(of)),
    ofConnection(name, getRocketMQAdminToken(name), (of) => new ConnectedAdmin(of)),
  ];
  // The core module provides the one without a name: hosted servers and tests need it without RocketMQModule, too.
  return name === defaultConnectionName ? parts : [connection, ...parts];
}

function ofConnection(
  name: string,
  provide: FactoryProvider['provide'],
  useFactory: (connection: RocketMQConnection) => unknown,
): FactoryProvider {
  return { provide, inject: [getRocketMQConnectionToken(name)], useFactory };
}
