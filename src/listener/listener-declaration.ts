import { defaultConnectionName, moduleLabel } from '../connection/rocketmq-connection.js';
import type { RocketMQConnections } from '../connection/rocketmq-connections.js';
import type { RocketMQFeatures } from '../connection/rocketmq-features.js';
import { dlqTopicOf } from '../../libs/protocol/src/message/index.js';
import { allowedConnectionName, isConnectionName, isPlain } from '../options/checks.js';
import { inherit, type OptionLayer } from '../options/inheritance.js';
import { evaluateOptions } from '../options/option-functions.js';
import { checkOptions } from '../options/validate.js';
import { isOwnOption } from './group-plan.js';
import { RocketMQDlqListenerOptions, RocketMQListenerOptions } from './listener-options.js';
import type { ListenerMark } from './rocketmq-message-listener.js';

/** What a decorator means once its functions were called and what it leaves out was found elsewhere. */
export interface ListenerDeclaration {
  /** Name of its connection. */
  readonly connection: string;
  /** Of a dead-letter listener as if its topic had been named. */
  readonly options: RocketMQListenerOptions;
  /** By option: whose word it is. */
  readonly from: ReadonlyMap<string, string>;
  readonly problems: readonly string[];
}

/**
 * Reads what stands on a listener: the decorator counts, then `listeners` of forFeature, then of `groups` what belongs to
 * single listeners. What bears on the consumer is found when the group is planned.
 */
export function readDeclaration(
  { kind, options: given }: ListenerMark,
  place: string,
  connections: RocketMQConnections,
  features: RocketMQFeatures,
): ListenerDeclaration {
  const { values, connection, problem, problems } = evaluated(given, connections);
  if (problem !== undefined) {
    return { connection, options: new RocketMQListenerOptions(), from: new Map(), problems: [problem] };
  }
  const { name } = values;
  const layers: (OptionLayer | undefined)[] = [{ from: place, options: values }];
  for (const key of new Set([typeof name === 'string' ? name : place, place])) {
    layers.push(features.listener(connection, key));
  }
  const { consumerGroup } = inherit(definedOf(layers)).values;
  if (typeof consumerGroup === 'string') {
    const group = features.group(connection, consumerGroup);
    const isForOne = (option: string): boolean =>
      isOwnOption(option) || (kind === 'dlq' && option === 'consumeFromWhere');
    layers.push(group && { ...group, options: only(group.options, isForOne) });
  }
  const inherited = inherit(definedOf(layers));
  const { value: options, problems: wrong } =
    kind === 'dlq' ? checkedDlq(inherited.values) : checkOptions(RocketMQListenerOptions, inherited.values);
  if (kind === 'reply' && options.batch !== undefined) {
    wrong.push('batch cannot be combined with a reply: each request has its own');
  }
  return { connection, options, from: inherited.from, problems: [...problems, ...wrong] };
}

/** What a decorator says. */
interface Evaluated {
  readonly values: Record<string, unknown>;
  /** Name of its connection. */
  readonly connection: string;
  /** Why it has none; nothing else was looked at then. */
  readonly problem: string | undefined;
  readonly problems: readonly string[];
}

/** The values of a decorator's options, its functions called with the options object of its connection. */
export function evaluated(given: unknown, connections: RocketMQConnections): Evaluated {
  const nothing = { values: {}, connection: defaultConnectionName, problem: undefined, problems: [] };
  if (!isPlain(given)) return { ...nothing, problem: 'options must be an object' };
  const { connection: named = defaultConnectionName } = given as { readonly connection?: unknown };
  if (!isConnectionName(named)) return { ...nothing, problem: `connection ${allowedConnectionName}` };
  const problem = connections.problemWith(named);
  if (problem !== undefined) return { ...nothing, connection: named, problem };
  const { values, problems } = evaluateOptions(given, connections.of(named).source, moduleLabel(named));
  return { values, connection: named, problem, problems };
}

function checkedDlq(values: object): { value: RocketMQListenerOptions; problems: string[] } {
  const { value, problems } = checkOptions(RocketMQDlqListenerOptions, values);
  const { deadGroup, consumeFromWhere = 'CONSUME_FROM_FIRST_OFFSET', ...shared } = value;
  if (deadGroup !== undefined && deadGroup === value.consumerGroup) {
    problems.push('deadGroup must be another group than consumerGroup');
  }
  const topic = dlqTopicOf(deadGroup);
  return { value: Object.assign(new RocketMQListenerOptions(), shared, { consumeFromWhere, topic }), problems };
}

function only(options: object | undefined, isWanted: (option: string) => boolean): object {
  return Object.fromEntries(Object.entries(options ?? {}).filter(([option]) => isWanted(option)));
}

function definedOf(layers: readonly (OptionLayer | undefined)[]): OptionLayer[] {
  return layers.filter((layer) => layer !== undefined);
}
