import { isRetryTopic } from '../../../protocol/src/message/index.js';
import type { Admin, MessageQueue } from '../contract/index.js';
import type { OffsetStore } from './offset-store.js';
import type { PushSettings } from './push-settings.js';

interface Parts {
  readonly offsets: OffsetStore;
  readonly admin: Pick<Admin, 'maxOffset' | 'searchOffset'>;
  readonly settings: Pick<PushSettings, 'consumeFromWhere' | 'consumeTimestamp'>;
  /** When the consumer was made. */
  readonly startedAt: number;
}

const halfAnHour = 30 * 60_000;

/**
 * Where to begin with a queue: where the group left off, and when it has never been here, where the option says.
 *
 * @throws RocketMQError when the store or the broker cannot be asked; the queue is not to be consumed then.
 */
export async function startOffsetOf(queue: MessageQueue, parts: Parts): Promise<number> {
  const stored = await parts.offsets.read(queue);
  if (stored !== undefined && stored >= 0) return stored;
  const { consumeFromWhere, consumeTimestamp } = parts.settings;
  if (consumeFromWhere === 'CONSUME_FROM_FIRST_OFFSET') return 0;
  if (consumeFromWhere === 'CONSUME_FROM_LAST_OFFSET') {
    // Messages to retry are older than the group's first pull of them: none may be passed over.
    return isRetryTopic(queue.topic) ? 0 : parts.admin.maxOffset(queue);
  }
  if (isRetryTopic(queue.topic)) return parts.admin.maxOffset(queue);
  return parts.admin.searchOffset(queue, consumeTimestamp ?? parts.startedAt - halfAnHour);
}
