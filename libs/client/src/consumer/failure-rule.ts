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
  return async (failed, call) => {
    const taken = await Promise.all(failed.map((message) => sendBack.give(message, call.delayLevelOf(message))));
    return { ...parted(failed, taken), delay: redeliveryDelay };
  };
}

/** Broadcasting: every member has its own copy, so there is nobody to give it back to. */
export const drop: FailureRule = (failed) => ({ done: failed, again: nothing, delay: 0 });

/**
 * Orderly: the queue waits, and goes on with the same messages until they came too often, or the handler gave them up.
 * When the handler said of each what becomes of it, nothing overtakes the first one that waits.
 */
export function waitAndRepeat(
  sendBack: Pick<SendBack, 'send'>,
  options: { readonly maxReconsumeTimes: number; readonly suspendCurrentQueueTimeMillis: number },
): FailureRule {
  const { maxReconsumeTimes, suspendCurrentQueueTimeMillis: usual } = options;
  const leaves = async (message: PulledMessage, call: HandlerCall): Promise<boolean> => {
    if (message.reconsumeTimes >= maxReconsumeTimes) return sendBack.send(message);
    return call.delayLevelOf(message) < 0 && sendBack.send(message, true);
  };
  return async (failed, call) => {
    const { suspendCurrentQueueTimeMillis: wanted } = call;
    const chosen = Number.isFinite(wanted) && wanted !== -1 ? wanted : usual;
    const delay = Math.min(Math.max(chosen, shortestPause), longestPause);
    if (call.messageDelayLevels === undefined) {
      const taken = await Promise.all(failed.map((message) => leaves(message, call)));
      return { ...parted(failed, taken), delay };
    }
    let gone = 0;
    for (const message of failed) {
      if (!call.isConsumed(call.messages.indexOf(message)) && !(await leaves(message, call))) break;
      gone++;
    }
    return { done: failed.slice(0, gone), again: failed.slice(gone), delay };
  };
}

function parted(failed: readonly PulledMessage[], taken: readonly boolean[]): Pick<Verdict, 'done' | 'again'> {
  return { done: failed.filter((_, i) => taken[i]), again: failed.filter((_, i) => !taken[i]) };
}
