import {
  ResponseCode,
  type invokeBrokerToResetOffset,
  type RequestHeader,
  type ResetOffsets,
  type TopicConfig,
} from '../../../protocol/src/index.js';
import { fail, ok, type Fail, type Outcome } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';
import { maxQueuesPerTopic } from '../tables/topic-table.js';

type Parts = Pick<BrokerParts, 'topics' | 'groups' | 'offsets' | 'store' | 'identity' | 'hold' | 'log'>;
type Reset = typeof invokeBrokerToResetOffset;
type Targets = ReadonlyMap<number, number>;

/**
 * The broker sets the offsets itself, whether members are online or not; they learn of it by their next pulls. Without a
 * queue all queues of the topic are meant.
 */
export async function resetByBroker(parts: Parts, header: RequestHeader<Reset>): Promise<Outcome<Reset>> {
  const { topic, group } = header;
  const { topics, groups, offsets, identity, hold, log } = parts;
  const config = topics.get(topic);
  if (config === undefined) return fail(ResponseCode.TOPIC_NOT_EXIST, `Topic ${topic} does not exist`);
  if (!groups.has(group)) {
    return fail(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, `Group ${group} does not exist`);
  }
  const targets = await targetsOf(parts, header, config);
  if ('kind' in targets) return targets;
  if (targets.size === 0) return fail(ResponseCode.SYSTEM_ERROR, 'No queues to reset.');
  const offsetTable: ResetOffsets['offsetTable'][number][] = [];
  for (const [queueId, offset] of targets) {
    offsets.reset(group, topic, queueId, offset);
    offsetTable.push([{ brokerName: identity.brokerName, queueId, topic }, offset]);
  }
  await offsets.save();
  // Pulls that wait at the old offsets would go on waiting there.
  hold.wakeTopic(topic);
  log.info('offsets of a group are reset', { group, topic, queues: targets.size });
  return ok({}, { body: { offsetTable } });
}

async function targetsOf(
  { store }: Parts,
  { topic, queueId = -1, offset = -1, timestamp }: RequestHeader<Reset>,
  config: TopicConfig,
): Promise<Targets | Fail<never>> {
  const byTime = async (queue: number): Promise<number> =>
    timestamp < 0 ? store.maxOffset(topic, queue) : await store.offsetByTime(topic, queue, timestamp, 'lower');
  if (queueId < 0) {
    const targets = new Map<number, number>();
    const queues = Math.min(config.readQueueNums, maxQueuesPerTopic);
    for (let queue = 0; queue < queues; queue++) targets.set(queue, await byTime(queue));
    return targets;
  }
  if (queueId >= Math.max(config.readQueueNums, config.writeQueueNums)) {
    return fail(ResponseCode.INVALID_PARAMETER, `queueId ${queueId} is no queue of topic ${topic}`);
  }
  if (offset === -1) return new Map([[queueId, await byTime(queueId)]]);
  const [min, max] = [store.minOffset(topic, queueId), store.maxOffset(topic, queueId)];
  if (offset >= Math.max(0, min) && offset <= max + 1) return new Map([[queueId, offset]]);
  return fail(ResponseCode.SYSTEM_ERROR, `Target offset ${offset} not in consume queue range [${min}-${max}]`);
}
