import {
  encodeRecallHandle,
  isRetryTopic,
  MessageProperty,
  propertyOf,
  ResponseCode,
  SystemTopic,
  withProperty,
} from '../../../protocol/src/index.js';
import { fail, type Fail } from '../../../remoting/src/index.js';
import type { AppendMessage } from '../../../store/src/index.js';
import type { BrokerParts } from '../parts.js';
import { delayed, instants } from './delayed-message.js';

export type SchedulingParts = Pick<BrokerParts, 'config' | 'clock' | 'random' | 'delayLevels' | 'timed'>;

/** What an append is to store in place of a message that asks to be delivered later. */
export interface Scheduled {
  readonly message: AppendMessage;
  /** Its slot of the timer when it waits there, milliseconds since the epoch. */
  readonly outTime: number | undefined;
}

/**
 * What becomes of a message with the properties that ask for a delay: a delay level wins over an instant, an instant that
 * is past means at once, and a message that has waited already (TIMER_OUT_MS) does not wait again. As 5.3.3's
 * HookUtils.handleScheduleMessage has it.
 */
export function scheduled(parts: SchedulingParts, message: AppendMessage, level: number): Scheduled | Fail<never> {
  if (level > 0) return { message: delayed(message, level, parts.delayLevels), outTime: undefined };
  const properties = String(message.properties);
  const asked = instants.find(([name]) => propertyOf(properties, name) !== undefined);
  if (asked === undefined || propertyOf(properties, MessageProperty.TIMER_OUT_MS) !== undefined) {
    return { message, outTime: undefined };
  }
  return timed(parts, message, properties, asked);
}

function timed(
  { config, clock, random, timed: delivery }: SchedulingParts,
  message: AppendMessage,
  properties: string,
  [name, unit]: (typeof instants)[number],
): Scheduled | Fail<never> {
  if (!config.timerWheelEnable) {
    const remark = 'accurate timer message is not enabled, timerWheelEnable is false';
    return fail(ResponseCode.SYSTEM_ERROR, remark);
  }
  const text = propertyOf(properties, name) ?? '';
  if (!/^[+-]?\d{1,19}$/.test(text)) {
    return fail(ResponseCode.MESSAGE_ILLEGAL, `property "${name}": only whole numbers are taken by this broker`);
  }
  const now = clock.now();
  const deliverTime = unit === 0 ? Number(text) : now + Number(text) * unit;
  const isCancellation = propertyOf(properties, MessageProperty.TIMER_DEL_UNIQKEY) !== undefined;
  if (deliverTime <= now) return isCancellation ? illegal(config) : { message, outTime: undefined };
  if (deliverTime - now > config.timerMaxDelaySec * 1000) return illegal(config);
  const outTime = slotBefore(deliverTime, config.timerPrecisionMs);
  if (isCongested(delivery.waitingAt(outTime), config.timerCongestNumEachSlot, random)) return congested(config);
  let kept = withProperty(properties, MessageProperty.TIMER_OUT_MS, String(outTime));
  kept = withProperty(kept, MessageProperty.REAL_TOPIC, message.topic);
  kept = withProperty(kept, MessageProperty.REAL_QID, String(message.queueId));
  return { message: { ...message, topic: SystemTopic.TIMER, queueId: 0, properties: kept }, outTime };
}

/** The slot that ends at an instant, or holds it: Java delivers a slot when the next one begins. */
function slotBefore(deliverTime: number, precision: number): number {
  return (Math.ceil(deliverTime / precision) - 1) * precision;
}

/** The more are there beyond the limit, the more likely; from twice as many on always. */
function isCongested(waiting: number, limit: number, random: () => number): boolean {
  return waiting > limit && (waiting >= limit * 2 || random() < (waiting - limit) / limit);
}

function illegal({ timerMaxDelaySec }: SchedulingParts['config']): Fail<never> {
  return fail(
    ResponseCode.MESSAGE_ILLEGAL,
    'timer message illegal, the delay time should not be bigger than the max delay ' +
      `${timerMaxDelaySec * 1000}ms; or if set del msg, the delay time should be bigger than the current time`,
  );
}

function congested({ timerCongestNumEachSlot: limit }: SchedulingParts['config']): Fail<never> {
  return fail(
    ResponseCode.SYSTEM_ERROR,
    `timer message is under flow control, max num limit is ${limit * 2} or the current value is greater than ${limit} ` +
      `and less than ${limit * 2}, trigger random flow control`,
  );
}

/** What the sender of a message that waits may call it back with; undefined for a retry. */
export function recallHandleFor(
  topic: string,
  brokerName: string,
  outTime: number,
  messageId: string,
): string | undefined {
  if (isRetryTopic(topic)) return undefined;
  // One more, so that rounding down by slots leads to the same slot.
  return encodeRecallHandle({ topic, brokerName, timestamp: String(outTime + 1), messageId });
}
