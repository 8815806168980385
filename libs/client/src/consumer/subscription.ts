import { RocketMQError } from '../../../common/src/index.js';
import { ExpressionType, type SubscriptionData } from '../../../protocol/src/index.js';
import { allTags, parseTagExpression } from '../../../protocol/src/message/index.js';
import type { SubscribeExpression } from '../contract/index.js';

/** What a consumer wants of a topic, as heartbeats and pulls say it. */
export type Subscription = SubscriptionData;

/** @throws RocketMQError ARGUMENT_INVALID when the expression holds no tag, or is none. */
export function subscriptionTo(topic: string, wanted: SubscribeExpression | undefined, now: number): Subscription {
  const common = { topic, subVersion: now, classFilterMode: false };
  if (wanted === undefined || typeof wanted === 'string') {
    return { ...common, ...parseTagExpression(wanted), expressionType: ExpressionType.TAG };
  }
  if (typeof wanted !== 'object' || wanted === null) throw invalid(topic, 'is no text and no selector');
  if ('filterClass' in wanted) {
    const subString = textOf(topic, 'filterClass', wanted.filterClass);
    return { ...common, ...noTags, subString, expressionType: ExpressionType.TAG, classFilterMode: true };
  }
  const { type, expression } = wanted;
  if (type === 'TAG') return subscriptionTo(topic, textOf(topic, 'expression', expression), now);
  if (type !== 'SQL92') throw invalid(topic, `has type ${JSON.stringify(type)}: it must be TAG or SQL92`);
  const subString = textOf(topic, 'expression', expression);
  return { ...common, ...noTags, subString, expressionType: ExpressionType.SQL92 };
}

const noTags = { tagsSet: [], codeSet: [] };

/** The tag itself decides: brokers compare hash codes only, and those collide. Other filters are the broker's business. */
export function wantsTag(subscription: Subscription, tags: string | undefined): boolean {
  if (subscription.subString === allTags || subscription.tagsSet.length === 0) return true;
  return tags !== undefined && subscription.tagsSet.includes(tags);
}

function textOf(topic: string, name: string, value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw invalid(topic, `has no ${name}`);
}

function invalid(topic: string, problem: string): RocketMQError {
  return new RocketMQError('ARGUMENT_INVALID', `the selector for topic ${topic} ${problem}`);
}
