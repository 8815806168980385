import { MessageProperty, createUniqueIds } from '../../../protocol/src/message/index.js';
import type { ClientCore } from '../client-core.js';
import type {
  ConsumeHook,
  ConsumeHookCall,
  ConsumeHookResult,
  ConsumeOutcome,
  ReceivedMessage,
} from '../contract/index.js';
import type { TraceDispatcher } from './trace-dispatcher.js';

interface Parts {
  readonly dispatcher: TraceDispatcher;
  readonly core: Pick<ClientCore, 'clock' | 'settings'>;
}

/** Places in Java's ConsumeReturnType. */
const returnTypes: Readonly<Record<ConsumeOutcome, number>> = { SUCCESS: 0, TIME_OUT: 1, EXCEPTION: 2 };

/** Traces every handler call twice, before it and after it. Messages whose broker wants no traces are left out. */
export function consumeTrace({ dispatcher, core }: Parts): ConsumeHook {
  const { clock, settings } = core;
  const { clientIP, namespace } = settings;
  const nextId = createUniqueIds({ ip: clientIP, pid: process.pid, clock, random: Math.random });
  /** Bind a call to what came of it. */
  const requestIds = new WeakMap<readonly ReceivedMessage[], string>();
  return {
    before({ consumerGroup, messages, messageQueue }: ConsumeHookCall) {
      const traced = messages.filter(isTraced);
      const [first] = traced;
      if (first === undefined) return;
      const requestId = nextId();
      requestIds.set(messages, requestId);
      dispatcher.add({
        kind: 'SubBefore',
        timeStamp: clock.now(),
        regionId: first.properties.get(MessageProperty.MSG_REGION),
        group: namespace.unwrap(consumerGroup),
        topic: messageQueue.topic,
        requestId,
        messages: traced.map((message) => ({ ...aboutOf(message), retryTimes: message.reconsumeTimes })),
      });
    },
    after({ consumerGroup, messages, messageQueue, outcome, duration }: ConsumeHookResult) {
      const requestId = requestIds.get(messages);
      if (requestId === undefined) return;
      dispatcher.add({
        kind: 'SubAfter',
        timeStamp: clock.now(),
        group: namespace.unwrap(consumerGroup),
        topic: messageQueue.topic,
        requestId,
        messages: messages.filter(isTraced).map(aboutOf),
        costTime: Math.floor(duration / messages.length),
        success: outcome === 'SUCCESS',
        contextCode: returnTypes[outcome],
      });
    },
  };
}

function isTraced({ properties }: ReceivedMessage): boolean {
  return properties.get(MessageProperty.TRACE_ON) !== 'false';
}

function aboutOf({ msgId, properties }: ReceivedMessage): { msgId: string; keys: string | undefined } {
  return { msgId, keys: properties.get(MessageProperty.KEYS) };
}
