import { queryConsumeQueue as declaration, ResponseCode, type QueryConsumeQueue } from '../../../protocol/src/index.js';
import { fail, handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

type Parts = Pick<BrokerParts, 'store' | 'consumers'>;

/** Java ends with the file of the queue; a frame must not become larger than clients take. */
const mostEntries = 32_768;

export const queryConsumeQueue = ({ store, consumers }: Parts) =>
  handle(declaration, [], async ({ header: { topic, queueId, index, count, consumerGroup } }) => {
    const units = await store.queueUnits(topic, queueId, index, Math.max(0, Math.min(count, mostEntries)));
    const place = `${queueId}@${topic}`;
    if (units === undefined) return fail(ResponseCode.SYSTEM_ERROR, `${place} is not exist!`);
    const bounds = { maxQueueIndex: store.maxOffset(topic, queueId), minQueueIndex: store.minOffset(topic, queueId) };
    if (index < bounds.minQueueIndex || index >= bounds.maxQueueIndex) {
      // A success without a body: mqadmin prints a trace then, against Apache's broker too.
      return ok({}, { remark: `Index ${index} of ${place} is not exist!` });
    }
    const queueData = units.map(({ physicalOffset, size, tagsCode }) => ({
      physicOffset: physicalOffset,
      physicSize: size,
      tagsCode,
      eval: false,
    }));
    return ok({}, { body: { ...bounds, queueData, ...subscriptionOf(consumers, consumerGroup, topic) } });
  });

/** Filter bit maps are not kept: the filter of a group that is online is "null", as in Java without SQL filters. */
function subscriptionOf(
  consumers: Parts['consumers'],
  group: string | undefined,
  topic: string,
): Pick<QueryConsumeQueue, 'subscriptionData' | 'filterData'> {
  if (group === undefined) return {};
  const subscriptionData = consumers.group(group)?.subscriptions.get(topic);
  if (subscriptionData === undefined) return { filterData: `${group}@${topic} is not online!` };
  return { subscriptionData, filterData: 'null' };
}
