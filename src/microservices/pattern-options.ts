import { messageOf } from '../../libs/common/src/index.js';
import { ConsumingOptions, RocketMQListenerOptions } from '../listener/listener-options.js';
import { checkOptions, RocketMQOptionsError } from '../options/validate.js';
import { parseDestination } from '../template/destination.js';

/** What a handler of RPC has no use for, and why. */
const refused = {
  batch: 'a handler takes one message',
  onError:
    'Nest turns errors into { status, message } before they come here; let an exception filter ask the context for an outcome',
  enhancers: 'guards, interceptors and filters are those of the microservice',
} as const;

/**
 * What stands behind a pattern: `@EventPattern('orders:paid', { consumerGroup: 'billing' } satisfies PatternOptions)`. As for
 * listeners; `consumerGroup` may be left to the module, `onPoison` is for payloads that cannot be read.
 */
export type PatternOptions = Partial<Omit<ConsumingOptions, keyof typeof refused>>;

/** A pattern as a listener's options, and everything that is wrong with it. */
export interface CheckedPattern {
  readonly options: RocketMQListenerOptions;
  readonly problems: readonly string[];
}

/**
 * The text of a pattern.
 *
 * @throws RocketMQOptionsError when it is none: Java has no patterns but topics and tags.
 */
export function checkPattern(pattern: unknown): string {
  if (typeof pattern === 'string') return pattern;
  const found = typeof pattern === 'object' && pattern !== null ? 'an object' : `a ${typeof pattern}`;
  throw new RocketMQOptionsError(`A pattern must be 'topic' or 'topic:tag'; it is ${found}`);
}

/** @param group - Where the pattern names none. */
export function checkPatternOptions(
  pattern: string,
  extras: Readonly<Record<string, unknown>>,
  isEvent: boolean,
  group: string | undefined,
): CheckedPattern {
  const { topic, tags, problem } = destinationIn(pattern);
  if (problem !== undefined) return { options: new RocketMQListenerOptions(), problems: [problem] };
  const { topic: given, ...options } = { consumerGroup: group, ...definedOf(extras) } as Record<string, unknown>;
  const own = tags === undefined ? options : { ...options, selectorExpression: tags };
  const { value, problems } = checkOptions(RocketMQListenerOptions, { ...own, topic });
  problems.push(...contradictions(options, tags, isEvent));
  if (given !== undefined) problems.push('topic is in the pattern already');
  return { options: value, problems };
}

function contradictions(options: Record<string, unknown>, tags: string | undefined, isEvent: boolean): string[] {
  const problems = Object.entries(refused).flatMap(([name, reason]) =>
    options[name] === undefined ? [] : [`${name} cannot be given here: ${reason}`],
  );
  for (const name of ['selectorExpression', 'selectorType', 'filterClass']) {
    if (tags === undefined || options[name] === undefined) continue;
    problems.push(`${name} cannot be combined with the tag of the pattern: leave one of them out`);
  }
  if (!isEvent && options['messageModel'] === 'BROADCASTING')
    problems.push('messageModel BROADCASTING cannot be combined with a reply: every member would answer');
  return problems;
}

function destinationIn(pattern: string): { topic: string; tags?: string | undefined; problem?: string } {
  try {
    return parseDestination(pattern);
  } catch (error) {
    return { topic: '', problem: messageOf(error) };
  }
}

function definedOf(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
