import type { PushConsumerConfig, ReceivedMessage, SubscribeExpression } from '../../libs/client/src/index.js';
import { allTags, parseTagExpression } from '../../libs/protocol/src/message/index.js';
import { inherit, type InheritedOptions, type OptionLayer } from '../options/inheritance.js';
import { RocketMQOptionsError } from '../options/validate.js';
import type { ListenerDefinition } from './listener-explorer.js';
import type { RocketMQListenerOptions } from './listener-options.js';
import { isAnswering } from './rocketmq-message-listener.js';

/** What of a listener's options is its own; everything else bears on the consumer, which its group has together. */
const ownOptions = [
  'connection',
  'name',
  'topic',
  'consumerGroup',
  'selectorExpression',
  'selectorType',
  'filterClass',
  'payloadType',
  'onError',
  'onPoison',
  'idempotency',
  'enhancers',
  'enabled',
] as const;

type SharedOption = Exclude<keyof RocketMQListenerOptions, (typeof ownOptions)[number]>;
type SharedOptions = Partial<Pick<RocketMQListenerOptions, SharedOption>>;

/** Listeners of a group must mean the same by these even where one of them says nothing. */
const decisive: ReadonlyMap<SharedOption, unknown> = new Map<SharedOption, unknown>([
  ['messageModel', 'CLUSTERING'],
  ['consumeMode', 'CONCURRENTLY'],
  ['consumeFromWhere', 'CONSUME_FROM_LAST_OFFSET'],
  ['consumeTimestamp', undefined],
  ['batch', undefined],
  ['autoStart', true],
]);

/** Whether each listener of a group has its own. */
export function isOwnOption(name: string): boolean {
  return (ownOptions as readonly string[]).includes(name);
}

/** The listeners of one consumer group, as one consumer. */
export interface GroupPlan {
  readonly consumerGroup: string;
  readonly listeners: readonly ListenerDefinition[];
  readonly consumer: Omit<PushConsumerConfig, 'handler' | 'consumerGroup'>;
  readonly batch: number | undefined;
  readonly autoStart: boolean;
  /** By option of the consumer: whose word it is. */
  readonly from: ReadonlyMap<string, string>;
  /** By topic: all that its listeners want. */
  readonly subscriptions: ReadonlyMap<string, SubscribeExpression>;
}

/**
 * Puts listeners that name the same group together.
 *
 * @param layersOf - Who else has a say in what the consumer of a group does, the nearest first.
 * @throws RocketMQOptionsError naming both places of every contradiction.
 */
export function planGroups(
  listeners: readonly ListenerDefinition[],
  layersOf: (consumerGroup: string) => readonly OptionLayer[] = () => [],
): GroupPlan[] {
  const groups = groupedBy(listeners, ({ options }) => options.consumerGroup);
  const problems: string[] = [];
  const plans = [...groups].map(([consumerGroup, members]): GroupPlan => {
    const defaults = inherit(layersOf(consumerGroup));
    const { values, from } = mergeOptions(members, defaults, problems);
    const { batch, autoStart = true, ...consumer } = values as SharedOptions;
    const topics = groupedBy(members, ({ options }) => options.topic);
    for (const takers of topics.values()) problems.push(...overlaps(takers));
    problems.push(...repliesToAll(members, consumer, from));
    return {
      consumerGroup,
      listeners: members,
      consumer: { ...consumer, consumeMessageBatchMaxSize: batch ?? 1 },
      batch,
      autoStart,
      from,
      subscriptions: new Map([...topics].map(([topic, takers]) => [topic, subscriptionOf(takers)])),
    };
  });
  if (problems.length > 0) throw new RocketMQOptionsError(problems.join('\n'));
  return plans;
}

/** Who of a group gets a message: whoever names its tag, else whoever takes all. */
export class MessageRoutes<T> {
  readonly #topics = new Map<string, { readonly tags: Map<string, T>; all: T | undefined }>();

  /** @param listeners - Of one group that was planned. */
  constructor(listeners: readonly ListenerDefinition[], targetOf: (listener: ListenerDefinition) => T) {
    for (const listener of listeners) {
      const { topic } = listener.options;
      const route = this.#topics.get(topic) ?? { tags: new Map<string, T>(), all: undefined };
      this.#topics.set(topic, route);
      const target = targetOf(listener);
      const tags = tagsOf(listener.options);
      if (tags === undefined || tags.length === 0) route.all = target;
      else for (const tag of tags) route.tags.set(tag, target);
    }
  }

  /** Undefined when nobody takes it (any more). */
  find({ topic, tags }: ReceivedMessage): T | undefined {
    const route = this.#topics.get(topic);
    return (tags === undefined ? undefined : route?.tags.get(tags)) ?? route?.all;
  }
}

/** What the listeners of a group say together, and what others say where they say nothing. */
function mergeOptions(
  members: readonly ListenerDefinition[],
  defaults: InheritedOptions,
  problems: string[],
): InheritedOptions {
  const merged: Record<string, unknown> = {};
  const from = new Map<string, string>();
  for (const name of new Set(members.flatMap(({ options }) => sharedNames(options)))) {
    const values = members.map((member) => ({ member, value: member.options[name] }));
    const isDecisive = decisive.has(name);
    const usual = defaults.values[name] ?? decisive.get(name);
    const said = values
      .map(({ member, value }) => ({ member, value: value ?? (isDecisive ? usual : undefined) }))
      .filter(({ value }) => isDecisive || value !== undefined);
    const [one] = said;
    const other = said.find(({ value }) => value !== one?.value);
    if (one && other) {
      problems.push(
        `${both(one.member, other.member)} have different ${name} (${String(one.value)} and ${String(other.value)}). Listeners of a group are one consumer: give them different groups or the same ${name}.`,
      );
    }
    const teller = values.find(({ value }) => value !== undefined)?.member;
    if (one?.value === undefined || teller === undefined) continue;
    merged[name] = one.value;
    from.set(name, teller.from?.get(name) ?? teller.place);
  }
  for (const [name, place] of defaults.from) {
    if (from.has(name) || isOwnOption(name)) continue;
    merged[name] = defaults.values[name];
    from.set(name, place);
  }
  return { values: merged, from };
}

function repliesToAll(
  members: readonly ListenerDefinition[],
  { messageModel }: SharedOptions,
  from: ReadonlyMap<string, string>,
): string[] {
  if (messageModel !== 'BROADCASTING') return [];
  return members
    .filter(({ kind }) => isAnswering(kind))
    .map(
      ({ place }) =>
        `${place}: messageModel BROADCASTING (${from.get('messageModel')}) cannot be combined with a reply: every member would answer`,
    );
}

function sharedNames(options: RocketMQListenerOptions): SharedOption[] {
  const names = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  return names.filter((name) => !isOwnOption(name)) as SharedOption[];
}

/** Of listeners that take the same topic in the same group. */
function overlaps(takers: readonly ListenerDefinition[]): string[] {
  return takers.flatMap((one, i) =>
    takers.slice(i + 1).flatMap((other) => {
      const [mine, theirs] = [tagsOf(one.options), tagsOf(other.options)];
      const topic = `${both(one, other)} both take '${one.options.topic}'`;
      if (mine === undefined || theirs === undefined) {
        return [
          `${topic} with ${filterOf(one.options)} and ${filterOf(other.options)}: a group has one filter for a topic, and it does not tell which of them a message is for. Give them different groups.`,
        ];
      }
      const isShared = mine.length === 0 ? theirs.length === 0 : mine.some((tag) => theirs.includes(tag));
      if (!isShared) return [];
      return [
        `${topic} with overlapping tags ('${expressionOf(one.options)}' and '${expressionOf(other.options)}'). Give them different groups or tags.`,
      ];
    }),
  );
}

function both(one: ListenerDefinition, other: ListenerDefinition): string {
  const group = `(group '${one.options.consumerGroup}')`;
  return `Listener ${one.place} ${group} and ${other.place} ${group}`;
}

function filterOf(options: RocketMQListenerOptions): string {
  const { filterClass, selectorType } = options;
  if (filterClass !== undefined) return `filter '${filterClass}'`;
  return selectorType === 'SQL92' ? `SQL92 "${expressionOf(options)}"` : `tags '${expressionOf(options)}'`;
}

function expressionOf({ selectorExpression = allTags }: RocketMQListenerOptions): string {
  return selectorExpression;
}

/** None for all tags; undefined when it is not tags that decide. */
function tagsOf(options: RocketMQListenerOptions): readonly string[] | undefined {
  if (options.filterClass !== undefined || options.selectorType === 'SQL92') return undefined;
  return parseTagExpression(expressionOf(options)).tagsSet;
}

/** In an order that does not depend on the listeners': all members of the group have to say the same. */
function subscriptionOf(takers: readonly ListenerDefinition[]): SubscribeExpression {
  const [first, ...more] = takers;
  if (first !== undefined && more.length === 0) {
    const { filterClass, selectorType = 'TAG' } = first.options;
    if (filterClass !== undefined) return { filterClass };
    return { type: selectorType, expression: expressionOf(first.options) };
  }
  const tags = takers.map(({ options }) => tagsOf(options) ?? []);
  const expression = tags.some((own) => own.length === 0) ? allTags : tags.flat().toSorted().join(' || ');
  return { type: 'TAG', expression };
}

function groupedBy(
  listeners: readonly ListenerDefinition[],
  keyOf: (listener: ListenerDefinition) => string,
): Map<string, ListenerDefinition[]> {
  const groups = new Map<string, ListenerDefinition[]>();
  for (const listener of listeners) {
    const key = keyOf(listener);
    const group = groups.get(key);
    if (group) group.push(listener);
    else groups.set(key, [listener]);
  }
  return groups;
}
