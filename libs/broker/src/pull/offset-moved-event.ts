import {
  encodeProperties,
  jsonBean,
  jsonLong,
  jsonText,
  MessageProperty,
  messageQueueShape,
  SystemTopic,
  tagsCode,
  writeJson,
  type ShapeType,
} from '../../../protocol/src/index.js';
import type { HostAddress, MessageStore } from '../../../store/src/index.js';

const offsetMovedEventShape = jsonBean({
  consumerGroup: jsonText,
  messageQueue: messageQueueShape,
  offsetNew: jsonLong,
  offsetRequest: jsonLong,
});

export type OffsetMovedEvent = ShapeType<typeof offsetMovedEventShape>;

/** Leaves word in the log that a group asked for an offset outside its queue and was sent elsewhere, as Apache does. */
export function recordOffsetMoved(
  store: Pick<MessageStore, 'append'>,
  event: OffsetMovedEvent,
  host: HostAddress,
  now: number,
): void {
  const group = event.consumerGroup;
  const message = {
    topic: SystemTopic.OFFSET_MOVED_EVENT,
    queueId: 0,
    flag: 0,
    sysFlag: 0,
    bornTimestamp: now,
    bornHost: host,
    storeHost: host,
    reconsumeTimes: 0,
    preparedTransactionOffset: 0,
    body: Buffer.from(writeJson(offsetMovedEventShape.write(event) ?? null)),
    properties: encodeProperties([
      [MessageProperty.TAGS, group],
      [MessageProperty.KEYS, group],
    ]),
    tagsCode: tagsCode(group),
    waitForFlush: false,
  };
  store.append(message, () => undefined);
}
