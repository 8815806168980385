import type { RocketMQConnections } from '../connection/rocketmq-connections.js';
import { messageOf } from '../../libs/common/src/index.js';
import { evaluated } from '../listener/listener-declaration.js';
import { type ConsumingOptions, RocketMQListenerOptions } from '../listener/listener-options.js';
import type { DefaultOptionsObject, OptionsOrFunctions } from '../options/option-functions.js';
import { checkOptions, RocketMQOptionsError } from '../options/validate.js';
import { parseDestination } from '../template/destination.js';
import type { RocketMQMicroserviceOptions } from './microservice-options.js';

/** What a handler of RPC has no use for, and why. */
const refused = {
  batch: 'a handler takes one message',
  name: 'forFeature knows listeners, not patterns',
  onError:
    'Nest turns errors into { status, message } before they come here; let an exception filter ask the context for an outcome',
  enhancers: 'guards, interceptors and filters are those of the microservice',
} as const;

/**
 * What stands behind a pattern: `@EventPattern('orders:paid', { consumerGroup: 'billing' } satisfies PatternOptions)`. As for
 * listeners, functions of the connection's options too; `consumerGroup` may be left to the module, `onPoison` is for
 * payloads that cannot be read.
 */
export type PatternOptions<O extends object = DefaultOptionsObject> = Partial<
  OptionsOrFunctions<Omit<ConsumingOptions, keyof typeof refused>, O>
>;

/** A pattern as a listener's options, and everything that is wrong with it. */
export interface CheckedPattern {
  readonly connection: string;
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

/** @param defaults - What the pattern leaves out. */
export function checkPatternOptions(
  pattern: string,
  extras: Readonly<Record<string, unknown>>,
  { consumerGroup, connection: usual }: RocketMQMicroserviceOptions,
  connections: RocketMQConnections,
): CheckedPattern {
  const { values, connection, problems } = evaluated(
    { consumerGroup, connection: usual, ...definedOf(extras) },
    connections,
  );
  const { topic, tags, problem } = destinationIn(pattern);
  if (problem !== undefined) {
    return { connection, options: new RocketMQListenerOptions(), problems: [...problems, problem] };
  }
  const { topic: given, ...options } = values;
  const own = tags === undefined ? options : { ...options, selectorExpression: tags };
  const { value, problems: wrong } = checkOptions(RocketMQListenerOptions, { ...own, topic });
  if (given !== undefined) wrong.push('topic is in the pattern already');
  return { connection, options: value, problems: [...problems, ...wrong, ...contradictions(options, tags)] };
}

function contradictions(options: Readonly<Record<string, unknown>>, tags: string | undefined): string[] {
  const problems = Object.entries(refused).flatMap(([name, reason]) =>
    options[name] === undefined ? [] : [`${name} cannot be given here: ${reason}`],
  );
  for (const name of ['selectorExpression', 'selectorType', 'filterClass']) {
    if (tags === undefined || options[name] === undefined) continue;
    problems.push(`${name} cannot be combined with the tag of the pattern: leave one of them out`);
  }
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
