import { ResponseCode } from '../../../protocol/src/index.js';
import { fail, type Fail } from '../../../remoting/src/index.js';
import type { NamesrvConfig } from '../config.js';

/** Lists of many topics are dear on a large cluster: an operator may turn them off. */
export const topicListEnabled = (config: Readonly<NamesrvConfig>) => (): Fail<never> | undefined =>
  config.enableTopicList ? undefined : fail(ResponseCode.SYSTEM_ERROR, 'disable');
