import { RocketMQError } from '../../../common/src/index.js';
import type { MessageQueue } from '../contract/index.js';
import type { RouteCache } from '../route/index.js';

/** Queues of a topic that can be read, as the name server knows them now. @throws RocketMQError TOPIC_NOT_FOUND. */
export async function subscribeQueues(
  routes: Pick<RouteCache, 'refresh'>,
  topic: string,
): Promise<readonly MessageQueue[]> {
  const known = await routes.refresh(topic);
  if (known !== undefined && known.subscribeQueues.length > 0) return known.subscribeQueues;
  const why = known === undefined ? 'it does not exist' : 'none of its queues can be read';
  throw new RocketMQError('TOPIC_NOT_FOUND', `Can not find Message Queue for this topic, ${topic}: ${why}`);
}
