import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { RocketMQConnections } from '../connection/rocketmq-connections.js';
import { RocketMQFeatures } from '../connection/rocketmq-features.js';
import { optionsError } from '../options/validate.js';
import { marksOn, prototypeOf, type ProviderRecord } from '../provider-records.js';
import { payloadPosition } from './handler-parameters.js';
import { readDeclaration } from './listener-declaration.js';
import type { RocketMQListenerOptions } from './listener-options.js';
import {
  classListenerMethod,
  type ListenerKind,
  listenerMarkOf,
  type ListenerMark,
  parameterTypesOf,
} from './rocketmq-message-listener.js';

/** A listener, whatever is called when a message comes. */
export interface ListenerDefinition {
  /** 'Billing.onMessage', for messages to people. */
  readonly place: string;
  readonly kind: ListenerKind;
  /** Name of its connection; undefined is the one without a name. */
  readonly connection?: string;
  readonly options: RocketMQListenerOptions;
  /** By option: whose word it is. */
  readonly from?: ReadonlyMap<string, string>;
  /** Constructor the payload is turned into, undefined when nothing tells. */
  readonly payloadType: unknown;
}

/** A listener found in the application: a method of a provider. */
export interface ProviderListener extends ListenerDefinition {
  readonly provider: ProviderRecord;
  readonly method: string;
}

/** Finds every listener in the application, whatever its kind. */
@Injectable()
export class ListenerExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly connections: RocketMQConnections,
    private readonly features: RocketMQFeatures,
  ) {}

  /** @throws RocketMQOptionsError naming every wrong option of every listener. */
  explore(): ProviderListener[] {
    const problems: string[] = [];
    const found: ProviderListener[] = [];
    for (const provider of this.discovery.getProviders()) {
      for (const { method, mark } of this.#listenersOf(provider)) {
        const place = `${nameOf(provider)}.${method}`;
        const {
          connection,
          options,
          from,
          problems: wrong,
        } = readDeclaration(mark, place, this.connections, this.features);
        problems.push(...wrong.map((problem) => `${place}: ${problem}`));
        if (!hasMethod(provider, method)) problems.push(`${place}: the class has no method ${method}`);
        const payloadType = payloadTypeOf(provider, method, options);
        found.push({ place, kind: mark.kind, connection, options, from, provider, method, payloadType });
      }
    }
    problems.push(...namesakes(found), ...this.#onControllers());
    if (problems.length > 0) throw optionsError('@RocketMQMessageListener', problems);
    this.features.checkUsed((connection, kind) => {
      const known = found.filter((listener) => listener.connection === connection);
      const nameIn = ({ options, place }: ProviderListener): string =>
        kind === 'groups' ? options.consumerGroup : (options.name ?? place);
      return [...new Set(known.map(nameIn))];
    });
    return found.filter(({ options }) => options.enabled !== false);
  }

  #listenersOf(provider: ProviderRecord): Iterable<{ readonly method: string; readonly mark: ListenerMark }> {
    return marksOn(provider, this.scanner, classListenerMethod, listenerMarkOf);
  }

  /** Nest does not find the filters of a controller's class outside HTTP, so a listener there would lose them silently. */
  #onControllers(): string[] {
    return this.discovery.getControllers().flatMap((controller) => {
      return [...this.#listenersOf(controller)].map(
        ({ method }) =>
          `${nameOf(controller)}.${method}: stands on a controller; move it to a provider, where guards, pipes, interceptors and filters apply`,
      );
    });
  }
}

/** Of a name forFeature could not tell which listener it means. */
function namesakes(listeners: readonly ProviderListener[]): string[] {
  const owners = new Map<string, string>();
  return listeners.flatMap(({ place, connection, options: { name } }) => {
    if (name === undefined) return [];
    const key = `${connection}/${name}`;
    const other = owners.get(key);
    owners.set(key, place);
    return other === undefined ? [] : [`${place}: name '${name}' is that of ${other}: give one of them another`];
  });
}

function hasMethod(provider: ProviderRecord, method: string): boolean {
  const prototype = prototypeOf(provider) as Record<string, unknown> | undefined;
  return typeof prototype?.[method] === 'function';
}

function payloadTypeOf(provider: ProviderRecord, method: string, options: RocketMQListenerOptions): unknown {
  const prototype = prototypeOf(provider);
  // The parameter of a batch is a list: what is in it TypeScript does not tell.
  if (options.payloadType || !prototype || options.batch !== undefined) return options.payloadType;
  const position = payloadPosition(prototype.constructor, method);
  return position === undefined ? undefined : parameterTypesOf(prototype, method)?.[position];
}

function nameOf(provider: ProviderRecord): string {
  return prototypeOf(provider)?.constructor.name ?? String(provider.name);
}
