import { RocketMQError } from '../../../common/src/index.js';
import {
  decodeRecallHandle,
  encodeProperty,
  isDlqTopic,
  isRetryTopic,
  MessageProperty,
  recallMessage,
  ResponseCode,
  topicNameProblem,
} from '../../../protocol/src/index.js';
import { vipAddress, type ClientCore } from '../client-core.js';
import type { DelayedMessage, MessageQueue, OutgoingMessage } from '../contract/index.js';
import type { Namespace } from '../namespace.js';
import type { ProducerSettings } from './producer-settings.js';
import type { SystemPart } from './message-encoder.js';

/** Brokers refuse messages without a body, and nobody reads this one. */
const body = Buffer.from('0');

/**
 * The message that cancels another: due at the same instant, it names topic and UNIQ_KEY of the one it is for, which the
 * broker finds in the same slot of its timer. It goes to that broker: no other has the message.
 */
export function cancellationOf(
  delayed: DelayedMessage,
  namespace: Namespace,
): { readonly message: OutgoingMessage; readonly system: SystemPart; readonly queue: MessageQueue } {
  checkDelayed(delayed);
  const { topic, brokerName, queueId, uniqKey, deliverTimeMs } = delayed;
  const key = `${namespace.wrap(topic)}+${uniqKey}`;
  return {
    message: { topic, body, deliverTimeMs },
    system: { properties: encodeProperty(MessageProperty.TIMER_DEL_UNIQKEY, key) },
    queue: { topic, brokerName, queueId },
  };
}

/** Calls a message back by the handle its broker gave. @throws RocketMQError that says what to do about it. */
export async function recall(
  core: ClientCore,
  producer: { readonly group: string; readonly timeout: number; readonly rule: ProducerSettings },
  topic: string,
  recallHandle: string,
): Promise<string> {
  const problem = topicNameProblem(topic);
  if (problem !== undefined) throw invalid(`topic ${JSON.stringify(topic.slice(0, 64))}: ${problem}`);
  if (isRetryTopic(topic) || isDlqTopic(topic)) throw invalid(`messages of topic '${topic}' cannot be called back`);
  const { brokerName } = decodeRecallHandle(recallHandle);
  const wrapped = core.settings.namespace.wrap(topic);
  await core.routes.forPublish(wrapped, producer.rule);
  const address = core.routes.masterOf(brokerName);
  if (address === undefined) {
    throw new RocketMQError('BROKER_UNAVAILABLE', `The broker[${brokerName}] has no master that is registered now`);
  }
  const header = { producerGroup: producer.group, topic: wrapped, recallHandle, bname: brokerName };
  try {
    const target = vipAddress(address, core.settings.vipChannelEnabled);
    const reply = await core.remoting.call(target, recallMessage, header, { timeout: producer.timeout });
    return reply.header.msgId;
  } catch (error) {
    throw explained(error, brokerName);
  }
}

function explained(error: unknown, brokerName: string): unknown {
  const code = typeof error === 'object' && error !== null && 'responseCode' in error ? error.responseCode : undefined;
  const advice =
    code === ResponseCode.NO_PERMISSION
      ? 'does not let messages be called back: set recallMessageEnable=true in its configuration'
      : code === ResponseCode.REQUEST_CODE_NOT_SUPPORTED
        ? 'knows no recall: that takes 5.3.2 or later'
        : undefined;
  if (advice === undefined) return error;
  return new RocketMQError('REQUEST_REFUSED', `The broker[${brokerName}] ${advice}`, { cause: error });
}

function checkDelayed(delayed: DelayedMessage | undefined): void {
  const { topic, brokerName, queueId, uniqKey, deliverTimeMs } = delayed ?? {};
  const texts = [topic, brokerName, uniqKey].every((text) => typeof text === 'string' && /^[\x21-\x7e]+$/.test(text));
  if (texts && Number.isSafeInteger(queueId) && Number.isSafeInteger(deliverTimeMs)) return;
  throw invalid('a message is cancelled by the `delayed` that its send resolved to, unchanged');
}

function invalid(message: string): RocketMQError {
  return new RocketMQError('ARGUMENT_INVALID', message);
}
