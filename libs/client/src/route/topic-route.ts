import type { BrokerData, TopicRoute } from '../../../protocol/src/index.js';
import { isReadable, isWriteable } from '../../../protocol/src/message/index.js';
import type { MessageQueue } from '../contract/index.js';
import { compareText } from '../message-queue.js';

/** Broker id of a master; others are slaves. */
export const masterId = 0;

/**
 * The queues a producer may write, in the order Java puts them: every producer must agree on it, because selectors pick
 * by position. Brokers without a master are left out. An order configuration ("brokerA:4;brokerB:4") replaces the list.
 */
export function publishQueuesOf(topic: string, route: TopicRoute): MessageQueue[] {
  if (route.orderTopicConf) return orderedQueues(topic, route.orderTopicConf);
  const masters = new Set(route.brokerDatas.filter(hasMaster).map((broker) => broker.brokerName));
  return route.queueDatas
    .toSorted((a, b) => compareText(a.brokerName, b.brokerName))
    .filter((data) => isWriteable(data.perm) && masters.has(data.brokerName))
    .flatMap((data) => queuesOf(topic, data.brokerName, data.writeQueueNums));
}

/** The queues a consumer may read. A broker without a master still serves its slaves. */
export function subscribeQueuesOf(topic: string, route: TopicRoute): MessageQueue[] {
  return route.queueDatas
    .filter((data) => isReadable(data.perm))
    .flatMap((data) => queuesOf(topic, data.brokerName, data.readQueueNums));
}

/** The route of the default topic, cut down to what a new topic would get on each broker. */
export function routeOfNewTopic(defaultRoute: TopicRoute, queueNums: number): TopicRoute {
  return {
    ...defaultRoute,
    orderTopicConf: undefined,
    queueDatas: defaultRoute.queueDatas.map((data) => {
      const nums = Math.min(queueNums, data.readQueueNums);
      return { ...data, readQueueNums: nums, writeQueueNums: nums };
    }),
  };
}

function orderedQueues(topic: string, configuration: string): MessageQueue[] {
  return configuration.split(';').flatMap((part) => {
    const at = part.lastIndexOf(':');
    const nums = Number(part.slice(at + 1));
    return at > 0 && Number.isInteger(nums) ? queuesOf(topic, part.slice(0, at), nums) : [];
  });
}

/** More queues than any topic has: a route that claims more is not believed. */
const mostQueues = 65_536;

function queuesOf(topic: string, brokerName: string, count: number): MessageQueue[] {
  const length = Math.max(0, Math.min(count, mostQueues));
  return Array.from({ length }, (_, queueId) => ({ topic, brokerName, queueId }));
}

function hasMaster(broker: BrokerData): boolean {
  return broker.brokerAddrs.has(masterId);
}

/** Equal for routes that say the same, whatever the order they say it in. */
export function routeFingerprint(route: TopicRoute): string {
  const queues = route.queueDatas.map((q) =>
    [q.brokerName, q.readQueueNums, q.writeQueueNums, q.perm, q.topicSysFlag].join(),
  );
  const brokers = route.brokerDatas.map((b) =>
    [b.cluster, b.brokerName, ...[...b.brokerAddrs].map(([id, address]) => `${id}=${address}`).toSorted()].join(),
  );
  const filterServers = [...route.filterServerTable]
    .map(([address, servers]) => [address, ...servers].join())
    .toSorted();
  const parts = [...queues.toSorted(), '|', ...brokers.toSorted(), '|', ...filterServers];
  return [route.orderTopicConf ?? '', ...parts].join('\n');
}
