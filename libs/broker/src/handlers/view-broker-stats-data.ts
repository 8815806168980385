import { ResponseCode, viewBrokerStatsData as declaration } from '../../../protocol/src/index.js';
import { fail, handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

export const viewBrokerStatsData = ({ stats }: Pick<BrokerParts, 'stats'>) =>
  handle(declaration, [], ({ header: { statsName, statsKey } }) => {
    const counter = stats.find(statsName, statsKey);
    if (counter === undefined) {
      return fail(ResponseCode.SYSTEM_ERROR, `The stats <${statsName}> <${statsKey}> not exist`);
    }
    const statsMinute = counter.figures('minute');
    const statsHour = counter.figures('hour');
    const statsDay = counter.figures('day');
    return ok({}, { body: { statsMinute, statsHour, statsDay } });
  });
