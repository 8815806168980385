import {
  allTags,
  ExpressionType,
  parseTagExpression,
  PullSysFlag,
  ResponseCode,
  type pullMessage,
  type RequestHeader,
  type SubscriptionData,
} from '../../../protocol/src/index.js';
import { fail, type Fail } from '../../../remoting/src/index.js';
import { seeFaq } from '../guards/refusal.js';
import type { BrokerParts } from '../parts.js';

/** Which consume queue entries a pull asks for. */
export interface PullFilter {
  /** Absent = all. */
  readonly matches: ((tagsCode: number) => boolean) | undefined;
}

const all: PullFilter = { matches: undefined };
type PullHeader = RequestHeader<typeof pullMessage>;

/**
 * The filter a pull names, or the one its group told with heartbeats. Only hashes are compared here: two tags may share
 * one, so consumers compare the tags themselves once more.
 */
export function pullFilter(
  { consumers, groups }: Pick<BrokerParts, 'consumers' | 'groups'>,
  header: PullHeader,
): PullFilter | Fail<never> {
  if ((header.sysFlag & PullSysFlag.SUBSCRIPTION) !== 0) return ownFilter(header);
  const group = consumers.group(header.consumerGroup);
  if (group === undefined) {
    return fail(ResponseCode.SUBSCRIPTION_NOT_EXIST, `the consumer's group info not exist${seeFaq}`);
  }
  if (group.messageModel === 'BROADCASTING' && groups.find(header.consumerGroup)?.consumeBroadcastEnable === false) {
    const remark = `the consumer group[${header.consumerGroup}] can not consume by broadcast way`;
    return fail(ResponseCode.NO_PERMISSION, remark);
  }
  const subscription = group.subscriptions.get(header.topic);
  if (subscription === undefined) {
    return fail(ResponseCode.SUBSCRIPTION_NOT_EXIST, `the consumer's subscription not exist${seeFaq}`);
  }
  if (subscription.subVersion < header.subVersion) {
    return fail(ResponseCode.SUBSCRIPTION_NOT_LATEST, "the consumer's subscription not latest");
  }
  return knownFilter(subscription);
}

function ownFilter(header: PullHeader): PullFilter | Fail<never> {
  if (!isTags(header.expressionType)) return otherExpression(header.expressionType);
  try {
    const { subString, codeSet } = parseTagExpression(header.subscription);
    return subString === allTags ? all : byCodes(codeSet);
  } catch {
    return fail(ResponseCode.SUBSCRIPTION_PARSE_FAILED, "parse the consumer's subscription failed");
  }
}

function knownFilter(subscription: SubscriptionData): PullFilter | Fail<never> {
  if (!isTags(subscription.expressionType)) return otherExpression(subscription.expressionType);
  if (subscription.classFilterMode || subscription.subString === allTags) return all;
  return byCodes(subscription.codeSet);
}

/** Entries hold 64 bits, of which tags use 32. */
function byCodes(codes: readonly number[]): PullFilter {
  return { matches: (tagsCode) => codes.includes(tagsCode | 0) };
}

function isTags(expressionType: string | undefined): boolean {
  return expressionType === undefined || expressionType === '' || expressionType === ExpressionType.TAG;
}

function otherExpression(expressionType: string | undefined): Fail<never> {
  const remark = `The broker does not support consumer to filter message by ${String(expressionType).slice(0, 64)}`;
  return fail(ResponseCode.SYSTEM_ERROR, remark);
}
