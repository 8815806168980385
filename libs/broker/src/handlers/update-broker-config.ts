import { updateBrokerConfig as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

/** All keys are taken, or none. */
export const updateBrokerConfig = ({ liveConfig, log }: Pick<BrokerParts, 'liveConfig' | 'log'>) =>
  handle(declaration, [], (exchange) => {
    const refusal = liveConfig.update(exchange.body());
    if (refusal !== undefined) return refusal;
    log.info('the configuration was changed', { peer: exchange.connection.remoteAddress });
    return ok({});
  });
