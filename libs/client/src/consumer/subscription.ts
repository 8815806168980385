import { ExpressionType, type SubscriptionData } from '../../../protocol/src/index.js';
import { allTags, parseTagExpression } from '../../../protocol/src/message/index.js';

/** What a consumer wants of a topic, as heartbeats and pulls say it. */
export type Subscription = SubscriptionData;

/** @throws RocketMQError ARGUMENT_INVALID when the expression holds no tag. */
export function subscriptionTo(topic: string, expression: string | undefined, now: number): Subscription {
  return {
    topic,
    ...parseTagExpression(expression),
    subVersion: now,
    expressionType: ExpressionType.TAG,
    classFilterMode: false,
  };
}

/** The tag itself decides: brokers compare hash codes only, and those collide. */
export function wantsTag(subscription: Subscription, tags: string | undefined): boolean {
  if (subscription.subString === allTags || subscription.tagsSet.length === 0) return true;
  return tags !== undefined && subscription.tagsSet.includes(tags);
}
