import { TopicSysFlag } from '../../protocol/src/index.js';

export const isUnit = (topicSysFlag: number): boolean => (topicSysFlag & TopicSysFlag.UNIT) !== 0;
export const hasUnitSub = (topicSysFlag: number): boolean => (topicSysFlag & TopicSysFlag.UNIT_SUB) !== 0;
