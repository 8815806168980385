import { updateNamesrvConfig as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { NamesrvParts } from '../parts.js';

/** All keys are taken, or none. */
export const updateNamesrvConfig = ({ liveConfig, log }: Pick<NamesrvParts, 'liveConfig' | 'log'>) =>
  handle(declaration, [], async (exchange) => {
    const refusal = await liveConfig.update(exchange.body());
    if (refusal !== undefined) return refusal;
    log.info('the configuration was changed', { peer: exchange.connection.remoteAddress });
    return ok({});
  });
