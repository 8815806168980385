import { GroupOptions, ListenerDefaults } from '../listener/listener-options.js';
import { ConnectionName, Entries, isPlain, Objects, Optional, Topic, Whole } from './checks.js';
import { checkOptions, optionsError } from './validate.js';

/** A topic that has to be there. */
export class RequiredTopic {
  /** Bare, without tag. */
  @Topic() name!: string;
  /** On each broker. Default: any number, 4 when it is created. */
  @Optional() @Whole(1, 65_535) queues?: number;
}

/** Options of `RocketMQModule.forFeature`. */
export class RocketMQFeatureOptions {
  /** The `name` of the `RocketMQModule.forRoot` that these belong to. Default: the one without a name. */
  @Optional() @ConnectionName() connection?: string;
  /** By consumer group: what its listeners and its consumer take when the listeners say nothing. */
  @Optional() @Entries() groups?: Readonly<Record<string, GroupOptions>>;
  /** By the listener's `name` or its place ('Billing.onMessage'): what it takes when its decorator says nothing. */
  @Optional() @Entries() listeners?: Readonly<Record<string, ListenerDefaults>>;
  /** Created when the connection is made, or looked for when they are there. */
  @Optional() @Objects() topics?: readonly RequiredTopic[];
}

/** @throws RocketMQOptionsError naming every wrong option with its path: 'groups.billing.concurrency'. */
export function readFeatureOptions(given: unknown, where: string): RocketMQFeatureOptions {
  const { value, problems } = checkOptions(RocketMQFeatureOptions, given);
  const within = (path: string, optionsClass: new () => object, options: unknown): object => {
    const inner = checkOptions(optionsClass, options);
    problems.push(
      ...inner.problems.map((problem) => (isPlain(options) ? `${path}.${problem}` : `${path}: ${problem}`)),
    );
    return inner.value;
  };
  const entries = (name: 'groups' | 'listeners', optionsClass: new () => object): object | undefined => {
    const all = value[name];
    if (!isPlain(all)) return undefined;
    return Object.fromEntries(
      Object.entries(all).map(([key, options]) => [key, within(`${name}.${key}`, optionsClass, options)]),
    );
  };
  const groups = entries('groups', GroupOptions);
  const listeners = entries('listeners', ListenerDefaults);
  const topics = Array.isArray(value.topics) ? value.topics : [];
  const checked = topics.map((topic, i) => within(`topics.${i}`, RequiredTopic, topic));
  if (problems.length > 0) throw optionsError(where, problems);
  return Object.assign(value, { groups, listeners, topics: checked });
}
