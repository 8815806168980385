import {
  queryConsumeQueue as declaration,
  ResponseCode,
  type ConsumeQueueEntry,
  type SubscriptionData,
} from '../../../protocol/src/index.js';
import { fail, handle, ok } from '../../../remoting/src/index.js';
import type { ExtensionUnit, QueueUnit } from '../../../store/src/index.js';
import { filterDataText, type ConsumerFilter } from '../filter/consumer-filter-table.js';
import { isTagExpression } from '../filter/expressions.js';
import { bitMapText, mayTake } from '../filter/filter-bit-maps.js';
import type { BrokerParts } from '../parts.js';
import { wantsTagsCode } from '../pull/pull-filter.js';

type Parts = Pick<BrokerParts, 'store' | 'consumers' | 'filters'>;

/** Java ends with the file of the queue; a frame must not become larger than clients take. */
const mostEntries = 32_768;

export const queryConsumeQueue = ({ store, consumers, filters }: Parts) =>
  handle(declaration, [], async ({ header: { topic, queueId, index, count, consumerGroup: group } }) => {
    const units = await store.extendedUnits(topic, queueId, index, Math.max(0, Math.min(count, mostEntries)));
    const place = `${queueId}@${topic}`;
    if (units === undefined) return fail(ResponseCode.SYSTEM_ERROR, `${place} is not exist!`);
    const bounds = { maxQueueIndex: store.maxOffset(topic, queueId), minQueueIndex: store.minOffset(topic, queueId) };
    if (index < bounds.minQueueIndex || index >= bounds.maxQueueIndex) {
      // A success without a body: mqadmin prints a trace then, against Apache's broker too.
      return ok({}, { remark: `Index ${index} of ${place} is not exist!` });
    }
    const subscriptionData = group === undefined ? undefined : consumers.group(group)?.subscriptions.get(topic);
    const filter = group === undefined ? undefined : filters.find(topic, group);
    const queueData = units.map((unit) => entryOf(unit, subscriptionData, filter));
    if (group === undefined) return ok({}, { body: { ...bounds, queueData } });
    if (subscriptionData === undefined) {
      return ok({}, { body: { ...bounds, queueData, filterData: `${group}@${topic} is not online!` } });
    }
    return ok({}, { body: { ...bounds, queueData, subscriptionData, filterData: filterDataText(filter) } });
  });

function entryOf(
  { physicalOffset, size, tagsCode, extension }: QueueUnit,
  subscription: SubscriptionData | undefined,
  filter: ConsumerFilter | undefined,
): ConsumeQueueEntry {
  const entry = { physicOffset: physicalOffset, physicSize: size, tagsCode, eval: false };
  if (extension === undefined) return entry;
  if (extension === 'missing') return { ...entry, msg: `Cq extend not exist!addr: ${tagsCode}` };
  const { filterBitMap } = extension;
  return {
    ...entry,
    extendDataJson: extensionJson(extension),
    ...(filterBitMap === undefined ? {} : { bitMap: bitMapText(filterBitMap) }),
    eval: subscription !== undefined && isTaken(subscription, filter, extension),
  };
}

/** Java's ExpressionMessageFilter, as far as an entry without its message tells. */
function isTaken(subscription: SubscriptionData, filter: ConsumerFilter | undefined, unit: ExtensionUnit): boolean {
  if (subscription.classFilterMode) return true;
  if (isTagExpression(subscription.expressionType)) return wantsTagsCode(subscription, unit.tagsCode);
  return filter === undefined || mayTake(filter, unit);
}

/** As fastjson writes Java's CqExtUnit. */
function extensionJson({ size, tagsCode, storeTimestamp, filterBitMap }: ExtensionUnit): string {
  const bits = filterBitMap === undefined ? {} : { filterBitMap: filterBitMap.toString('base64') };
  return JSON.stringify({ ...bits, msgStoreTime: storeTimestamp, size, tagsCode });
}
