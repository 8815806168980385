import { getConsumerRunningInfo as declaration } from '../../../protocol/src/index.js';
import { handle } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';
import { askConsumer, relayed } from '../relay/consumer-relay.js';

const request = relayed(declaration);

export const getConsumerRunningInfo = ({ consumers }: Pick<BrokerParts, 'consumers'>) =>
  handle(request, [], ({ header }) => askConsumer(consumers, request, header));
