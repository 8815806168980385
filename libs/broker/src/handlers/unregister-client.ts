import { unregisterClient as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

type Parts = Pick<BrokerParts, 'groups' | 'consumers' | 'producers'>;

export const unregisterClient = ({ groups, consumers, producers }: Parts) =>
  handle(declaration, [], ({ header: { producerGroup, consumerGroup }, connection }) => {
    if (producerGroup !== undefined) producers.unregister(connection, producerGroup);
    if (consumerGroup !== undefined) {
      const notify = groups.find(consumerGroup)?.notifyConsumerIdsChangedEnable ?? true;
      consumers.unregister(connection, consumerGroup, notify);
    }
    return ok({});
  });
