import { messageOf } from '../../../common/src/index.js';
import {
  allTags,
  isRetryTopic,
  parseTagExpression,
  PullSysFlag,
  ResponseCode,
  type pullMessage,
  type RequestHeader,
  type SubscriptionData,
} from '../../../protocol/src/index.js';
import { fail, type Fail } from '../../../remoting/src/index.js';
import { isTagExpression } from '../filter/expressions.js';
import { matchesRecord, matchesRetryRecord, type RecordMatch } from '../filter/record-match.js';
import { seeFaq } from '../guards/refusal.js';
import type { BrokerParts } from '../parts.js';

/** Which messages a pull asks for. */
export interface PullFilter {
  /** By consume queue entry; absent = all. */
  readonly matches: ((tagsCode: number) => boolean) | undefined;
  /** By the record itself, of what is left; absent = all. */
  readonly matchesRecord?: RecordMatch;
}

const all: PullFilter = { matches: undefined };
type PullHeader = RequestHeader<typeof pullMessage>;
type Parts = Pick<BrokerParts, 'config' | 'consumers' | 'groups' | 'filters' | 'messageFilters'>;

/**
 * The filter a pull names, or the one its group told with heartbeats. Of tags only hashes are compared here: two tags may
 * share one, so consumers compare the tags themselves once more.
 */
export function pullFilter(parts: Parts, header: PullHeader): PullFilter | Fail<never> {
  if ((header.sysFlag & PullSysFlag.SUBSCRIPTION) !== 0) return ownFilter(parts, header);
  const group = parts.consumers.group(header.consumerGroup);
  if (group === undefined) {
    return fail(ResponseCode.SUBSCRIPTION_NOT_EXIST, `the consumer's group info not exist${seeFaq}`);
  }
  const isShutOut = parts.groups.find(header.consumerGroup)?.consumeBroadcastEnable === false;
  if (group.messageModel === 'BROADCASTING' && isShutOut) {
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
  return knownFilter(parts, header, subscription);
}

function ownFilter(parts: Parts, header: PullHeader): PullFilter | Fail<never> {
  const { expressionType, subscription = '' } = header;
  if (!isTagExpression(expressionType)) {
    if (!parts.config.enablePropertyFilter) return otherExpression(expressionType);
    try {
      // Java hands out everything to a pull whose expression does not compile; what it says at a start is said here.
      return byExpression(parts, header, parts.filters.expressions.compile(subscription, expressionType));
    } catch (error) {
      const remark = `parse the consumer's subscription failed: ${messageOf(error)}`;
      return fail(ResponseCode.SUBSCRIPTION_PARSE_FAILED, remark);
    }
  }
  try {
    const { subString, codeSet } = parseTagExpression(subscription);
    return subString === allTags ? all : byCodes(codeSet);
  } catch {
    return fail(ResponseCode.SUBSCRIPTION_PARSE_FAILED, "parse the consumer's subscription failed");
  }
}

function knownFilter(parts: Parts, header: PullHeader, subscription: SubscriptionData): PullFilter | Fail<never> {
  const { classFilterMode, expressionType, subString } = subscription;
  if (!isTagExpression(expressionType)) {
    const known = parts.filters.find(header.topic, header.consumerGroup);
    if (known === undefined) {
      const remark = "The broker's consumer filter data is not exist!Your expression may be wrong!";
      return fail(ResponseCode.FILTER_DATA_NOT_EXIST, remark);
    }
    if (known.clientVersion < header.subVersion) {
      return fail(ResponseCode.FILTER_DATA_NOT_LATEST, "the consumer's consumer filter data not latest");
    }
    if (!parts.config.enablePropertyFilter) return otherExpression(expressionType);
    return byExpression(parts, header, known.compiled);
  }
  if (classFilterMode) return byFilter(parts, subString);
  return subString === allTags ? all : byCodes(subscription.codeSet);
}

export function wantsTagsCode({ subString, codeSet }: SubscriptionData, tagsCode: number): boolean {
  return subString === allTags || codeSet.includes(tagsCode | 0);
}

/** Messages that come again are judged by the filter of the topic they are of, when that is wanted. */
function byExpression(
  { config, filters }: Parts,
  { topic, consumerGroup }: PullHeader,
  expression: Parameters<typeof matchesRecord>[0],
): PullFilter {
  const isRetry = config.filterSupportRetry && isRetryTopic(topic);
  if (!isRetry) return { matches: undefined, matchesRecord: matchesRecord(expression) };
  const filterOf = (original: string) => filters.find(original, consumerGroup)?.compiled;
  return { matches: undefined, matchesRecord: matchesRetryRecord(filterOf) };
}

/** Apache's broker would hand out everything, and leave it to a filter server that nobody asked. */
function byFilter({ messageFilters }: Parts, name: string): PullFilter | Fail<never> {
  const found = messageFilters.find(name);
  if (found !== undefined) return { matches: undefined, matchesRecord: found };
  const shown = JSON.stringify(name.slice(0, 128));
  const remark = `this broker has no message filter ${shown}; its host registered: ${messageFilters.names.join(', ') || 'none'}`;
  return fail(ResponseCode.FILTER_DATA_NOT_EXIST, remark);
}

/** Entries hold 64 bits, of which tags use 32. */
function byCodes(codes: readonly number[]): PullFilter {
  return { matches: (tagsCode) => codes.includes(tagsCode | 0) };
}

export function otherExpression(expressionType: string | undefined): Fail<never> {
  const remark = `The broker does not support consumer to filter message by ${String(expressionType).slice(0, 64)}`;
  return fail(ResponseCode.SYSTEM_ERROR, remark);
}
