import {
  autoCreateTopicKey,
  Permission,
  replyTopicOf,
  SystemTopic,
  type TopicConfig,
} from '../../../protocol/src/index.js';
import type { BrokerConfig } from '../broker-config.js';

const readWrite = Permission.READ | Permission.WRITE;
/** One queue for each of the 18 delay levels. */
const scheduleQueues = 18;
const benchmarkQueues = 1024;
/** What Java gives a topic when nothing else is said. */
const defaultQueues = 16;

/** Of POP consumption in 5.x, which clients of it look for. */
const reviveQueues = 8;

/** The topics every broker has from the start, as the release it presents makes them: mqadmin lists the same rows. */
export function builtInTopics(config: BrokerConfig): TopicConfig[] {
  const topics = [
    builtIn(SystemTopic.SELF_TEST, 1, readWrite),
    builtIn(SystemTopic.BENCHMARK, benchmarkQueues, readWrite),
    builtIn(config.brokerClusterName, defaultQueues, inherited(config.clusterTopicEnable)),
    builtIn(config.brokerName, 1, inherited(config.brokerTopicEnable)),
    builtIn(SystemTopic.OFFSET_MOVED_EVENT, 1, readWrite),
    builtIn(SystemTopic.SCHEDULE, scheduleQueues, readWrite),
    builtIn(replyTopicOf(config.brokerClusterName), 1, readWrite),
  ];
  if (config.autoCreateTopicEnable) {
    topics.push(builtIn(autoCreateTopicKey, config.defaultTopicQueueNums, inherited(true)));
  }
  if (config.brokerVersion !== 'V4_9_7') topics.push(...builtInSince5(config));
  if (config.traceTopicEnable) topics.push(builtIn(config.msgTraceTopicName, 1, readWrite));
  return topics;
}

function builtInSince5({ brokerClusterName, brokerName }: BrokerConfig): TopicConfig[] {
  return [
    builtIn(`rmq_sys_REVIVE_LOG_${brokerClusterName}`, reviveQueues, readWrite),
    builtIn(`rmq_sys_SYNC_BROKER_MEMBER_${brokerName}`, 1, Permission.INHERIT),
    builtIn(SystemTopic.TRANS_HALF, 1, readWrite),
    builtIn(SystemTopic.TRANS_OP_HALF, 1, readWrite),
    builtIn(SystemTopic.TIMER, 1, readWrite),
  ];
}

function inherited(usable: boolean): number {
  return Permission.INHERIT | (usable ? readWrite : 0);
}

function builtIn(topicName: string, queues: number, perm: number): TopicConfig {
  return {
    topicName,
    readQueueNums: queues,
    writeQueueNums: queues,
    perm,
    topicFilterType: 'SINGLE_TAG',
    topicSysFlag: 0,
    order: false,
  };
}
