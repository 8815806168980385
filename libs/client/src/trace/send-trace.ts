import type { Clock } from '../../../common/src/index.js';
import { keySeparator } from '../../../protocol/src/message/index.js';
import type { Namespace } from '../namespace.js';
import type { OutgoingMessage, SendHook, SendHookResult } from '../contract/index.js';
import type { TraceDispatcher } from './trace-dispatcher.js';
import { TracedType, type PubTrace } from './trace-record.js';

interface Parts {
  readonly dispatcher: TraceDispatcher;
  readonly clock: Clock;
  readonly namespace: Namespace;
}

/** Traces every send that a broker answered, unless the broker wants no traces. */
export function sendTrace({ dispatcher, clock, namespace }: Parts): SendHook {
  return {
    after(sent) {
      const trace = pubTraceOf(sent, clock.now(), namespace);
      if (trace !== undefined && !sent.message.topic.startsWith(dispatcher.topic)) dispatcher.add(trace);
    },
  };
}

function pubTraceOf(sent: SendHookResult, now: number, namespace: Namespace): PubTrace | undefined {
  const { message, result, duration, producerGroup, brokerAddress } = sent;
  if (result === undefined || !result.traceOn) return undefined;
  const costTime = Math.round(duration);
  return {
    kind: 'Pub',
    timeStamp: now - costTime,
    regionId: result.regionId,
    group: namespace.unwrap(producerGroup),
    topic: message.topic,
    msgId: result.msgId,
    tags: message.tags,
    keys: keysOf(message),
    storeHost: brokerAddress,
    bodyLength: Buffer.byteLength(message.body),
    costTime,
    msgType: typeOf(sent),
    offsetMsgId: result.offsetMsgId,
    success: result.sendStatus === 'SEND_OK',
  };
}

/** As KEYS has them. */
export function keysOf({ keys }: OutgoingMessage): string | undefined {
  return keys === undefined || typeof keys === 'string' ? keys : keys.join(keySeparator);
}

/** As Java's producers say it: an instant that a timer is set for does not count as a delay. */
function typeOf({ isHalf, message }: SendHookResult): number {
  if (isHalf) return TracedType.HALF;
  return message.delayTimeLevel === undefined ? TracedType.NORMAL : TracedType.DELAY;
}
