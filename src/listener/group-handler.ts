import { RocketMQError } from '../../libs/common/src/index.js';
import type { ConsumeContext, MessageHandler, ReceivedMessage } from '../../libs/client/src/index.js';
import type { Verdict } from './delivery-observer.js';
import { type GroupPlan, MessageRoutes } from './group-plan.js';
import type { RocketMQMessage } from './handler-parameters.js';
import type { MessageDelivery } from './message-delivery.js';
import type { ListenerDefinition } from './listener-explorer.js';
import { retryAfter } from './outcome.js';

type Deliveries = ReadonlyMap<ListenerDefinition, MessageDelivery>;
type Find = (message: ReceivedMessage) => MessageDelivery | undefined;

/** What the consumer of a group calls: brings each message to the listener it is for. */
export function groupHandler(plan: GroupPlan, deliveries: Deliveries): MessageHandler {
  const find = finderOf(plan, deliveries);
  if (plan.batch === undefined) {
    return ([message], consume) => {
      if (message === undefined) return undefined;
      const delivery = find(message);
      if (delivery === undefined) throw unwanted(plan, message);
      return delivery.deliver(message, consume);
    };
  }
  const isOrderly = plan.consumer.consumeMode === 'ORDERLY';
  return async (messages, consume) => {
    const verdicts = new Map<ReceivedMessage, Verdict>();
    if (isOrderly) await inTurn(plan, find, messages, verdicts, consume);
    else await together(plan, find, messages, verdicts, consume);
    tell(messages, verdicts, find, consume, isOrderly);
  };
}

/** A listener that has its group for itself gets all that comes, as it does in Java. */
function finderOf(plan: GroupPlan, deliveries: Deliveries): Find {
  const targetOf = (listener: ListenerDefinition): MessageDelivery => {
    const delivery = deliveries.get(listener);
    if (delivery === undefined) throw new Error(`no delivery for ${listener.place}`);
    return delivery;
  };
  const [only, ...more] = plan.listeners;
  if (only !== undefined && more.length === 0) {
    const delivery = targetOf(only);
    return () => delivery;
  }
  const routes = new MessageRoutes(plan.listeners, targetOf);
  return (message) => routes.find(message);
}

/** Concurrent: the listeners have their part of the batch at the same time, and nobody waits for a message that is wrong. */
async function together(
  plan: GroupPlan,
  find: Find,
  messages: readonly ReceivedMessage[],
  verdicts: Map<ReceivedMessage, Verdict>,
  consume: ConsumeContext,
): Promise<void> {
  const parts = new Map<MessageDelivery, RocketMQMessage[]>();
  for (const message of messages) {
    const delivery = find(message);
    const prepared = delivery ? await delivery.prepare(message, consume) : refusal(unwanted(plan, message));
    if (delivery === undefined || isVerdict(prepared)) verdicts.set(message, prepared as Verdict);
    else parts.set(delivery, [...(parts.get(delivery) ?? []), prepared]);
  }
  await Promise.all([...parts].map(([delivery, part]) => handOver(delivery, part, verdicts, consume)));
}

/** Orderly: runs of messages for one listener, and none behind a message that has to come again. */
async function inTurn(
  plan: GroupPlan,
  find: Find,
  messages: readonly ReceivedMessage[],
  verdicts: Map<ReceivedMessage, Verdict>,
  consume: ConsumeContext,
): Promise<void> {
  let run: RocketMQMessage[] = [];
  let owner: MessageDelivery | undefined;
  const flush = async (): Promise<boolean> => {
    const [part, delivery] = [run, owner];
    run = [];
    if (delivery) await handOver(delivery, part, verdicts, consume);
    return part.every((message) => verdicts.get(message)?.outcome.kind !== 'retry');
  };
  for (const message of messages) {
    const delivery = find(message);
    if (delivery !== owner && !(await flush())) return;
    owner = delivery;
    const prepared = delivery ? await delivery.prepare(message, consume) : refusal(unwanted(plan, message));
    if (!isVerdict(prepared)) {
      run.push(prepared);
      continue;
    }
    if (!(await flush())) return;
    verdicts.set(message, prepared);
    if (prepared.outcome.kind === 'retry') return;
  }
  await flush();
}

async function handOver(
  delivery: MessageDelivery,
  part: readonly RocketMQMessage[],
  verdicts: Map<ReceivedMessage, Verdict>,
  consume: ConsumeContext,
): Promise<void> {
  const found = await delivery.deliverBatch(part, consume);
  for (const [i, message] of part.entries()) verdicts.set(message, found[i] ?? again);
}

/** @throws what is to be logged, when a message is not consumed. */
function tell(
  messages: readonly ReceivedMessage[],
  verdicts: ReadonlyMap<ReceivedMessage, Verdict>,
  find: Find,
  consume: ConsumeContext,
  isOrderly: boolean,
): void {
  let failure: { readonly error: unknown } | undefined;
  let hasToWait = false;
  const levels = messages.map((message) => {
    const delivery = find(message);
    const verdict = hasToWait ? undefined : verdicts.get(message);
    // Behind a message that comes again nothing of an ordered queue counts.
    if (verdict === undefined || delivery === undefined) {
      failure ??= { error: verdict?.error };
      hasToWait = isOrderly;
      return 0;
    }
    const level = delivery.levelOf(verdict);
    if (level !== undefined) failure ??= { error: delivery.errorOf(verdict) };
    if (isOrderly && verdict.outcome.kind === 'retry') {
      hasToWait = true;
      if (verdict.outcome.delay !== undefined) consume.suspendCurrentQueueTimeMillis = verdict.outcome.delay;
    }
    return level;
  });
  if (failure === undefined) return;
  consume.messageDelayLevels = levels;
  throw failure.error;
}

const again: Verdict = { outcome: retryAfter(), error: undefined };

function refusal(error: unknown): Verdict {
  return { outcome: retryAfter(), error };
}

function isVerdict(prepared: RocketMQMessage | Verdict): prepared is Verdict {
  return 'outcome' in prepared;
}

/** It was meant for a listener that there was when the message came first, or that another member has. */
function unwanted({ consumerGroup, listeners }: GroupPlan, { topic, tags }: ReceivedMessage): RocketMQError {
  return new RocketMQError(
    'UNSUPPORTED',
    `no listener of group '${consumerGroup}' takes '${topic}:${tags ?? ''}'; they are ${listeners.map(({ place }) => place).join(', ')}`,
  );
}
