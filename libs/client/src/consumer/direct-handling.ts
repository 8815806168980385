import { isThenable, messageOf, pause, type Clock } from '../../../common/src/index.js';
import type { ConsumeDirectly, DirectResult } from '../../../protocol/src/index.js';
import type { MessageHandler } from '../contract/index.js';
import { HandlerCall } from './handler-call.js';
import { HeldQueue } from './held-queue.js';
import type { PulledMessage } from './pulled-message.js';

interface Parts {
  readonly clock: Clock;
  readonly handler: MessageHandler;
  readonly orderly: boolean;
  /** Milliseconds the handler may take. */
  readonly timeout: number;
}

/** Hands a message to the handler because an operator asked for it: no queue, no offset and no retry is touched. */
export async function consumeDirectly(message: PulledMessage, parts: Parts): Promise<ConsumeDirectly> {
  const { clock, orderly } = parts;
  const startedAt = clock.monotonic();
  const { topic, brokerName, queueId } = message;
  const aside = new HeldQueue({ topic, brokerName, queueId }, message.queueOffset, clock.now());
  const call = new HandlerCall(aside, [message], startedAt);
  const answer = (consumeResult: DirectResult, remark?: string): ConsumeDirectly => ({
    order: orderly,
    autoCommit: true,
    consumeResult,
    remark,
    spentTimeMills: Math.round(clock.monotonic() - startedAt),
  });
  try {
    const outcome = parts.handler(call.messages, call);
    if (isThenable(outcome)) await within(outcome, call, parts);
    return answer(orderly || call.acknowledged > 0 ? 'CR_SUCCESS' : 'CR_LATER');
  } catch (error) {
    return answer('CR_THROW_EXCEPTION', messageOf(error));
  }
}

async function within(outcome: Promise<void>, call: HandlerCall, { clock, timeout }: Parts): Promise<void> {
  const waited = new AbortController();
  const overdue = pause(clock, timeout, waited.signal).then(() => {
    if (waited.signal.aborted) return;
    const reason = new Error(`the handler has not ended within ${timeout} ms`);
    call.interrupt(reason);
    throw reason;
  });
  await Promise.race([outcome, overdue]).finally(() => waited.abort());
}
