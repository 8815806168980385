/** Topics and groups: what they may be called, and the names with a meaning of their own. */

export const autoCreateTopicKey = 'TBW102';

export const SystemTopic = {
  AUTO_CREATE_TOPIC_KEY: autoCreateTopicKey,
  SCHEDULE: 'SCHEDULE_TOPIC_XXXX',
  TIMER: 'rmq_sys_wheel_timer',
  BENCHMARK: 'BenchmarkTest',
  TRANS_HALF: 'RMQ_SYS_TRANS_HALF_TOPIC',
  TRACE: 'RMQ_SYS_TRACE_TOPIC',
  TRANS_OP_HALF: 'RMQ_SYS_TRANS_OP_HALF_TOPIC',
  TRANS_CHECK_MAX_TIME: 'TRANS_CHECK_MAX_TIME_TOPIC',
  SELF_TEST: 'SELF_TEST_TOPIC',
  OFFSET_MOVED_EVENT: 'OFFSET_MOVED_EVENT',
} as const;

/** Known to every broker; a broker adds its own name, its cluster's name and others at start. */
export const systemTopics: ReadonlySet<string> = new Set(Object.values(SystemTopic));
export const systemTopicPrefix = 'rmq_sys_';

const closedToSenders: ReadonlySet<string> = new Set([
  SystemTopic.SCHEDULE,
  // Java lets senders in, and delivers wherever they say.
  SystemTopic.TIMER,
  SystemTopic.TRANS_HALF,
  SystemTopic.TRANS_OP_HALF,
  SystemTopic.TRANS_CHECK_MAX_TIME,
  SystemTopic.SELF_TEST,
  SystemTopic.OFFSET_MOVED_EVENT,
]);

export const retryTopicPrefix = '%RETRY%';
export const dlqTopicPrefix = '%DLQ%';
export const lmqPrefix = '%LMQ%';
export const replyTopicPostfix = 'REPLY_TOPIC';
export const systemGroupPrefix = 'CID_RMQ_SYS_';

/** Groups that exist on every broker. */
export const SystemGroup = {
  DEFAULT_PRODUCER: 'DEFAULT_PRODUCER',
  DEFAULT_CONSUMER: 'DEFAULT_CONSUMER',
  TOOLS_CONSUMER: 'TOOLS_CONSUMER',
  SCHEDULE_CONSUMER: 'SCHEDULE_CONSUMER',
  FILTERSRV_CONSUMER: 'FILTERSRV_CONSUMER',
  MONITOR_CONSUMER: '__MONITOR_CONSUMER',
  CLIENT_INNER_PRODUCER: 'CLIENT_INNER_PRODUCER',
  SELF_TEST_PRODUCER: 'SELF_TEST_P_GROUP',
  SELF_TEST_CONSUMER: 'SELF_TEST_C_GROUP',
  ONS_HTTP_PROXY: 'CID_ONS-HTTP-PROXY',
  ONSAPI_PERMISSION: 'CID_ONSAPI_PERMISSION',
  ONSAPI_OWNER: 'CID_ONSAPI_OWNER',
  ONSAPI_PULL: 'CID_ONSAPI_PULL',
  TRANS: 'CID_RMQ_SYS_TRANS',
} as const;

export const systemGroups: ReadonlySet<string> = new Set(Object.values(SystemGroup));

/** Longest ordinary topic; retry and dead-letter topics carry a group's name and may be longer. */
const longestTopic = 127;
const longestName = 255;
const legalName = /^[%|a-zA-Z0-9_-]+$/;

/**
 * Why `topic` cannot be a topic, in Apache's words, or undefined when it can. Also keeps path separators, dots and NUL
 * out of the file names that queues get.
 */
export function topicNameProblem(topic: string): string | undefined {
  if (topic.trim() === '') return 'The specified topic is blank.';
  if (!legalName.test(topic)) {
    return 'The specified topic contains illegal characters, allowing only ^[%|a-zA-Z0-9_-]+$';
  }
  const limit = isRetryTopic(topic) || isDlqTopic(topic) ? longestName : longestTopic;
  return topic.length > limit ? 'The specified topic is longer than topic max length.' : undefined;
}

/** Why `group` cannot be a group, or undefined when it can. */
export function groupNameProblem(group: string): string | undefined {
  if (group.trim() === '') return 'the specified group is blank';
  if (group.length > longestName) return 'the specified group is longer than group max length 255.';
  if (legalName.test(group)) return undefined;
  return `the specified group[${printable(group)}] contains illegal characters, allowing only ^[%|a-zA-Z0-9_-]+$`;
}

/** For remarks: no control characters, no flood. */
function printable(name: string): string {
  return JSON.stringify(name.slice(0, 64)).slice(1, -1);
}

export function isSystemTopic(topic: string): boolean {
  return systemTopics.has(topic) || topic.startsWith(systemTopicPrefix);
}

/** Topics clients may not send to: answered with NO_PERMISSION. */
export function isClosedToSenders(topic: string): boolean {
  return closedToSenders.has(topic);
}

export function isSystemGroup(group: string): boolean {
  return systemGroups.has(group) || group.startsWith(systemGroupPrefix);
}

export const isRetryTopic = (topic: string): boolean => topic.startsWith(retryTopicPrefix);
export const isDlqTopic = (topic: string): boolean => topic.startsWith(dlqTopicPrefix);
export const retryTopicOf = (group: string): string => retryTopicPrefix + group;
export const dlqTopicOf = (group: string): string => dlqTopicPrefix + group;
export const replyTopicOf = (cluster: string): string => `${cluster}_${replyTopicPostfix}`;
