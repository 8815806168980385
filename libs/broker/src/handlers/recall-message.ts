import {
  decodeRecallHandle,
  encodeProperties,
  isWriteable,
  MessageProperty,
  recallMessage as declaration,
  ResponseCode,
  tagsCode,
  type RecallHandle,
} from '../../../protocol/src/index.js';
import { codeOf, messageOf } from '../../../common/src/index.js';
import { fail, handle, ok, type Exchange, type Fail } from '../../../remoting/src/index.js';
import type { AppendMessage } from '../../../store/src/index.js';
import { appended, isStored } from '../appending.js';
import { scheduled, type SchedulingParts } from '../delay/scheduling.js';
import { cancelKey } from '../delay/timer/timer-message.js';
import type { BrokerParts } from '../parts.js';
import { parseHost } from '../send/born-hosts.js';

type Parts = SchedulingParts & Pick<BrokerParts, 'identity' | 'store' | 'topics' | 'stats'>;
type Recall = Exchange<typeof declaration>;

/** As Java marks the message that cancels another. */
const recallTag = '_RECALL_TAG_';

/**
 * Cancels a message that waits for its instant: a message with the same instant and the key of the one to be cancelled
 * goes into the timer. Refusals in Java's order and words.
 */
export const recallMessage = (parts: Parts) =>
  handle(declaration, [], async (exchange) => {
    const { config, stats, store } = parts;
    const found = recalledBy(parts, exchange.header);
    if ('kind' in found) return found;
    const message = cancellation(parts, exchange, found);
    const target = scheduled(parts, message, 0);
    if ('kind' in target) return fail(ResponseCode.SYSTEM_ERROR, 'recall failed, execute error');
    const result = await appended(store, target.message);
    if (!isStored(result)) {
      stats.putFailures++;
      return fail(ResponseCode.SYSTEM_ERROR, 'recall failed, execute error');
    }
    stats.stored(target.message.topic, 1, result.bytes, result.elapsed);
    return ok({ msgId: found.messageId, region: config.regionId });
  });

function recalledBy(
  { config, clock, topics, identity }: Parts,
  { topic, recallHandle }: Recall['header'],
): RecallHandle | Fail<never> {
  if (!config.recallMessageEnable) {
    // Java's words, and what to do.
    const remark =
      'recall failed, operation is forbidden: recallMessageEnable is false in the configuration of the broker';
    return fail(ResponseCode.NO_PERMISSION, remark);
  }
  const isClosed = !isWriteable(config.brokerPermission) && !config.allowRecallWhenBrokerNotWriteable;
  if (clock.now() < config.startAcceptSendRequestTimeStamp || isClosed) {
    return fail(ResponseCode.SERVICE_NOT_AVAILABLE, 'recall failed, broker service not available');
  }
  if (topics.get(topic) === undefined) {
    return fail(ResponseCode.TOPIC_NOT_EXIST, `recall failed, the topic[${topic}] not exist`);
  }
  let handle: RecallHandle;
  try {
    handle = decodeRecallHandle(recallHandle);
  } catch (error) {
    if (codeOf(error) !== 'ARGUMENT_INVALID') throw error;
    return fail(ResponseCode.ILLEGAL_OPERATION, messageOf(error));
  }
  if (handle.topic !== topic) return fail(ResponseCode.ILLEGAL_OPERATION, 'recall failed, topic not match');
  if (handle.brokerName !== identity.brokerName) {
    return fail(ResponseCode.ILLEGAL_OPERATION, 'recall failed, broker service not available');
  }
  const timestamp = /^\d{1,16}$/.test(handle.timestamp) ? Number(handle.timestamp) : -1;
  const left = timestamp - clock.now();
  if (left <= 0 || left >= config.timerMaxDelaySec * 1000) {
    return fail(ResponseCode.ILLEGAL_OPERATION, 'recall failed, timestamp invalid');
  }
  return handle;
}

function cancellation({ clock, identity }: Parts, { header, connection }: Recall, handle: RecallHandle): AppendMessage {
  const now = clock.now();
  return {
    topic: handle.topic,
    queueId: 0,
    flag: 0,
    sysFlag: 0,
    bornTimestamp: now,
    bornHost: parseHost(connection.remoteAddress),
    storeHost: identity.storeHost,
    reconsumeTimes: 0,
    preparedTransactionOffset: 0,
    body: Buffer.from('0'),
    properties: encodeProperties([
      [MessageProperty.TAGS, recallTag],
      [MessageProperty.TIMER_DEL_UNIQKEY, cancelKey(handle.topic, handle.messageId)],
      [MessageProperty.UNIQ_KEY, handle.messageId],
      [MessageProperty.TIMER_DELIVER_MS, handle.timestamp],
      [MessageProperty.BORN_TIMESTAMP, String(now)],
      [MessageProperty.PGROUP, header.producerGroup],
    ]),
    tagsCode: tagsCode(recallTag),
    waitForFlush: true,
  };
}
