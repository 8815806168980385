import { Injectable } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { type RocketMQFeatureOptions, readFeatureOptions } from '../options/feature-options.js';
import type { OptionLayer } from '../options/inheritance.js';
import { RocketMQOptionsError } from '../options/validate.js';
import { importersOf } from './import-place.js';
import { defaultConnectionName } from './rocketmq-connection.js';
import { RocketMQConnections } from './rocketmq-connections.js';
import type { TopicDemand } from './required-topics.js';

/** One call of `forFeature`; the object tells it from others. */
export interface FeatureMark {
  readonly options: unknown;
}

interface Feature {
  readonly from: string;
  readonly connection: string;
  readonly options: RocketMQFeatureOptions;
}

/** What the calls of `forFeature` say, by connection. */
@Injectable()
export class RocketMQFeatures {
  readonly #features: Feature[] = [];
  /** 'connection/groups/name' of what somebody asked for. */
  readonly #used = new Set<string>();

  constructor(
    private readonly modules: ModulesContainer,
    private readonly connections: RocketMQConnections,
  ) {}

  /** @throws RocketMQOptionsError naming every wrong option, and who calls `forFeature`. */
  add(mark: FeatureMark): void {
    const from = `RocketMQModule.forFeature in ${importersOf(this.modules.values(), mark)}`;
    const options = readFeatureOptions(mark.options, from);
    this.#features.push({ from, connection: options.connection ?? defaultConnectionName, options });
  }

  /** What a group of a connection takes when its listeners say nothing. */
  group(connection: string, group: string): OptionLayer | undefined {
    return this.#layer(connection, 'groups', group);
  }

  /** What a listener takes when its decorator says nothing, by its name or its place. */
  listener(connection: string, name: string): OptionLayer | undefined {
    return this.#layer(connection, 'listeners', name);
  }

  /** What has to be there before anybody uses the connection. */
  topics(connection: string): readonly TopicDemand[] {
    return this.#of(connection).flatMap(({ from, options }) =>
      (options.topics ?? []).map(({ name, queues }) => ({ name, queues, from })),
    );
  }

  /** Before anything is asked for. @throws RocketMQOptionsError for connections that are not there, and contradictions. */
  check(): void {
    const problems = this.#features.flatMap(({ from, connection }) => {
      const problem = this.connections.problemWith(connection);
      return problem === undefined ? [] : [`${from}: ${problem}`];
    });
    for (const connection of new Set(this.#features.map((feature) => feature.connection))) {
      problems.push(...this.#twice(connection), ...this.#unlikeTopics(connection));
    }
    if (problems.length > 0) throw new RocketMQOptionsError(problems.join('\n'));
  }

  /** After everything was asked for: groups and listeners that this application does not have. @throws RocketMQOptionsError */
  checkUsed(known: (connection: string, kind: 'groups' | 'listeners') => readonly string[]): void {
    const problems = this.#features.flatMap(({ from, connection, options }) =>
      (['groups', 'listeners'] as const).flatMap((kind) =>
        Object.keys(options[kind] ?? {})
          .filter((name) => !this.#used.has(keyOf(connection, kind, name)))
          .map((name) => {
            const what = kind === 'groups' ? 'consumer group' : 'listener';
            const others = known(connection, kind).join(', ') || 'none';
            return `${from}: ${kind}.${name}: connection '${connection}' has no such ${what}; it has: ${others}`;
          }),
      ),
    );
    if (problems.length > 0) throw new RocketMQOptionsError(problems.join('\n'));
  }

  #layer(connection: string, kind: 'groups' | 'listeners', name: string): OptionLayer | undefined {
    for (const { from, options } of this.#of(connection)) {
      const all = options[kind];
      if (all === undefined || !Object.hasOwn(all, name)) continue;
      this.#used.add(keyOf(connection, kind, name));
      return { from: `${from}, ${kind}.${name}`, options: all[name] };
    }
    return undefined;
  }

  #of(connection: string): readonly Feature[] {
    return this.#features.filter((feature) => feature.connection === connection);
  }

  #twice(connection: string): string[] {
    const problems: string[] = [];
    for (const kind of ['groups', 'listeners'] as const) {
      const owners = new Map<string, string>();
      for (const { from, options } of this.#of(connection)) {
        for (const name of Object.keys(options[kind] ?? {})) {
          const other = owners.get(name);
          if (other !== undefined)
            problems.push(`${other} and ${from} both have ${kind}.${name}: leave it to one of them`);
          owners.set(name, from);
        }
      }
    }
    return problems;
  }

  #unlikeTopics(connection: string): string[] {
    const owners = new Map<string, TopicDemand>();
    return this.topics(connection).flatMap((topic) => {
      const other = owners.get(topic.name);
      if (other?.queues === undefined) owners.set(topic.name, topic);
      if (other?.queues === undefined || topic.queues === undefined || other.queues === topic.queues) return [];
      return [
        `${other.from} and ${topic.from} want topic '${topic.name}' with different queues (${other.queues} and ${topic.queues})`,
      ];
    });
  }
}

function keyOf(connection: string, kind: string, name: string): string {
  return `${connection}/${kind}/${name}`;
}
