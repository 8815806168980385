import {
  heartBeat as declaration,
  Permission,
  retryTopicOf,
  TopicSysFlag,
  type ConsumerData,
} from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';
import type { ClientMember } from '../tables/client-member.js';

type Parts = Pick<BrokerParts, 'clock' | 'topics' | 'groups' | 'consumers' | 'producers'>;

/**
 * A client says what it produces and consumes. The first heartbeat of a consumer group makes the group and its retry
 * topic. HEART_BEAT_V2 (without subscriptions) is not advertised, so that clients do not use it.
 */
export const heartBeat = (parts: Parts) =>
  handle(declaration, [], (exchange) => {
    const { clientID, consumerDataSet, producerDataSet, withoutSub } = exchange.body();
    const { connection, language, version } = exchange;
    // The heartbeat was read, and then its connection ended: nobody would ever take the client out of the tables.
    if (connection.closed) return ok({});
    const lastHeartbeat = parts.clock.monotonic();
    const member: ClientMember = { connection, clientId: clientID, language, version, lastHeartbeat };
    if (withoutSub !== true) for (const data of consumerDataSet) register(parts, member, data);
    for (const { groupName } of producerDataSet) parts.producers.register({ ...member }, groupName);
    return ok({});
  });

function register({ groups, topics, consumers }: Parts, member: ClientMember, data: ConsumerData): void {
  const group = groups.find(data.groupName);
  if (group !== undefined) {
    const sysFlag = data.unitMode ? TopicSysFlag.UNIT_SUB : 0;
    const perm = Permission.READ | Permission.WRITE;
    topics.createIfAbsent(retryTopicOf(data.groupName), group.retryQueueNums, perm, sysFlag);
  }
  consumers.register({ ...member }, data, group?.notifyConsumerIdsChangedEnable ?? true);
}
