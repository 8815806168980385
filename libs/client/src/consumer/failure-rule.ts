import type { HandlerCall } from './handler-call.js';
import type { PulledMessage } from './pulled-message.js';
import type { SendBack } from './send-back.js';

/** What becomes of messages that were not consumed. */
export interface Verdict {
  /** To be taken as done. */
  readonly done: readonly PulledMessage[];
  /** To be handed out again here, after `delay` milliseconds. */
  readonly again: readonly PulledMessage[];
  readonly delay: number;
}

/** Decides about the messages of a call that were not consumed. Never rejects. */
export type FailureRule = (failed: readonly PulledMessage[], call: HandlerCall) => Verdict | Promise<Verdict>;

const nothing: readonly PulledMessage[] = [];

/** Java's: for messages that no broker takes back. */
const redeliveryDelay = 5_000;
/** Bounds of a pause between two attempts at the same messages of an ordered queue. */
const shortestPause = 10;
const longestPause = 30_000;

/** Concurrent: back to the brokers. What they do not take comes again here. */
export function giveBack(sendBack: Pick<SendBack, 'give'>): FailureRule {
  return async (failed, { delayLevelWhenNextConsume: level }) => {
    const taken = await Promise.all(
      failed.map((message) => sendBack.give(message, Number.isInteger(level) ? level : 0)),
    );
    return { ...parted(failed, taken), delay: redeliveryDelay };
  };
}

/** Broadcasting: every member has its own copy, so there is nobody to give it back to. */
export const drop: FailureRule = (failed) => ({ done: failed, again: nothing, delay: 0 });

/** Orderly: the queue waits, and goes on with the same messages until they came too often. */
export function waitAndRepeat(
  sendBack: Pick<SendBack, 'send'>,
  options: { readonly maxReconsumeTimes: number; readonly suspendCurrentQueueTimeMillis: number },
): FailureRule {
  const { maxReconsumeTimes, suspendCurrentQueueTimeMillis: usual } = options;
  return async (failed, { suspendCurrentQueueTimeMillis: wanted }) => {
    const chosen = Number.isFinite(wanted) && wanted !== -1 ? wanted : usual;
    const taken = await Promise.all(
      failed.map((message) =>
        message.reconsumeTimes >= maxReconsumeTimes ? sendBack.send(message) : Promise.resolve(false),
      ),
    );
    return { ...parted(failed, taken), delay: Math.min(Math.max(chosen, shortestPause), longestPause) };
  };
}

function parted(failed: readonly PulledMessage[], taken: readonly boolean[]): Pick<Verdict, 'done' | 'again'> {
  return { done: failed.filter((_, i) => taken[i]), again: failed.filter((_, i) => !taken[i]) };
}
