import { isObservable, lastValueFrom } from 'rxjs';
import type { MessageHandler } from '@nestjs/microservices';
import type { ListenerCall } from '../listener/listener-invoker.js';
import { ack, outcomeOf } from '../listener/outcome.js';
import { isRequest } from '../listener/replies.js';
import type { RocketMQContext } from '../listener/rocketmq-context.js';

/** Runs what handles a message between the hooks of the server. */
export type AroundMessage = (context: RocketMQContext, handle: () => Promise<unknown>) => Promise<unknown>;

/**
 * All handlers of an event at the same time. It is done when all of them are: the first failure counts, and then the first
 * outcome that is more than an ack; the message comes again to all of them, as it has one offset.
 */
export function eventCall(handlers: readonly MessageHandler[], around: AroundMessage): ListenerCall {
  return (payload, context) =>
    around(context, async () => {
      const ends = await Promise.allSettled(handlers.map((handler) => resultOf(handler, payload, context)));
      const values = ends.map((end) => {
        if (end.status === 'rejected') throw end.reason;
        return outcomeOf(end.value);
      });
      return values.find((outcome) => outcome !== undefined && outcome.kind !== 'ack');
    });
}

/** The one handler of a request. Its last value is the reply; what it throws becomes one, too, or fails a mere event. */
export function requestCall(handler: MessageHandler, around: AroundMessage): ListenerCall {
  return (payload, context) =>
    around(context, async () => {
      const value = await resultOf(handler, payload, context);
      return isRequest(context.message) ? value : (context.outcome ?? ack());
    });
}

async function resultOf(handler: MessageHandler, payload: unknown, context: RocketMQContext): Promise<unknown> {
  const result: unknown = await handler(payload, context);
  return isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : result;
}
