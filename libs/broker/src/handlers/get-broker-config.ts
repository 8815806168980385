import { formatProperties } from '../../../common/src/index.js';
import { dataVersionShape, getBrokerConfig as declaration, writeJson } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

export const getBrokerConfig = ({ config, liveConfig }: Pick<BrokerParts, 'config' | 'liveConfig'>) =>
  handle(declaration, [], () => {
    const version = writeJson(dataVersionShape.write(liveConfig.version) ?? null);
    const entries = Object.entries(config).map(([key, value]) => [key, String(value)] as const);
    return ok({ version }, { body: formatProperties(entries.toSorted(([a], [b]) => (a < b ? -1 : 1))) });
  });
