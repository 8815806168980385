import { queryConsumeTimeSpan as declaration, ResponseCode, type QueueTimeSpan } from '../../../protocol/src/index.js';
import { fail, handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';
import { maxQueuesPerTopic } from '../tables/topic-table.js';

type Parts = Pick<BrokerParts, 'topics' | 'offsets' | 'store' | 'identity' | 'clock'>;

export const queryConsumeTimeSpan = (parts: Parts) =>
  handle(declaration, [], async ({ header: { topic, group } }) => {
    const config = parts.topics.get(topic);
    if (config === undefined) return fail(ResponseCode.TOPIC_NOT_EXIST, `topic[${topic}] not exist`);
    const consumeTimeSpanSet: QueueTimeSpan[] = [];
    for (let queueId = 0; queueId < Math.min(config.writeQueueNums, maxQueuesPerTopic); queueId++) {
      consumeTimeSpanSet.push(await timeSpanOf(parts, group, topic, queueId));
    }
    return ok({}, { body: { consumeTimeSpanSet } });
  });

async function timeSpanOf(parts: Parts, group: string, topic: string, queueId: number): Promise<QueueTimeSpan> {
  const { store, offsets, identity, clock } = parts;
  const messageQueue = { brokerName: identity.brokerName, queueId, topic };
  const minTimeStamp = await store.earliestStoreTime(topic, queueId);
  const maxOffset = store.maxOffset(topic, queueId);
  const maxTimeStamp = await store.storeTime(topic, queueId, maxOffset - 1);
  const consumed = offsets.get(group, topic, queueId) ?? -1;
  const consumeTimeStamp = consumed > 0 ? await store.storeTime(topic, queueId, consumed - 1) : minTimeStamp;
  // A group that never committed begins with the first message. Java asks for the time of none, and says 50 years.
  const next = Math.max(consumed, store.minOffset(topic, queueId));
  const nextTime = next < maxOffset ? await store.storeTime(topic, queueId, next) : -1;
  const delayTime = nextTime < 0 ? 0 : Math.max(0, clock.now() - nextTime);
  return {
    messageQueue,
    minTimeStamp,
    minTimeStampStr: readable(minTimeStamp),
    maxTimeStamp,
    maxTimeStampStr: readable(maxTimeStamp),
    consumeTimeStamp,
    consumeTimeStampStr: readable(consumeTimeStamp),
    delayTime,
  };
}

/** "2024-01-31#23:59:59:999" in local time. */
function readable(time: number): string {
  const date = new Date(time);
  const local = new Date(time - date.getTimezoneOffset() * 60_000).toISOString();
  return local.slice(0, -1).replace('T', '#').replace('.', ':');
}
