import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { checkOptions, optionsError } from '../options/validate.js';
import { payloadPosition } from './handler-parameters.js';
import { RocketMQListenerOptions } from './listener-options.js';
import { classListenerMethod, listenerOptionsOf, parameterTypesOf } from './rocketmq-message-listener.js';

/** Nest's record of a provider; its type is not exported from a package root. */
type ProviderRecord = ReturnType<DiscoveryService['getProviders']>[number];

/** A listener found in the application. */
export interface ListenerDefinition {
  /** 'Billing.onMessage', for messages to people. */
  readonly place: string;
  readonly options: RocketMQListenerOptions;
  readonly provider: ProviderRecord;
  readonly method: string;
  /** Constructor the payload is turned into, undefined when nothing tells. */
  readonly payloadType: unknown;
}

/** Finds every `@RocketMQMessageListener` in the application. */
@Injectable()
export class ListenerExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /** @throws RocketMQOptionsError naming every wrong option of every listener, and groups that are used twice. */
  explore(): ListenerDefinition[] {
    const problems: string[] = [];
    const found: ListenerDefinition[] = [];
    for (const provider of this.discovery.getProviders()) {
      for (const { method, raw } of this.#listenersOf(provider)) {
        const place = `${nameOf(provider)}.${method}`;
        const { value, problems: wrong } = checkOptions(RocketMQListenerOptions, raw);
        problems.push(...wrong.map((problem) => `${place}: ${problem}`));
        if (!hasMethod(provider, method)) problems.push(`${place}: the class has no method ${method}`);
        if (value.enabled === false) continue;
        found.push({ place, options: value, provider, method, payloadType: payloadTypeOf(provider, method, value) });
      }
    }
    const grouped = found.filter(({ options }) => typeof options.consumerGroup === 'string');
    problems.push(...this.#onControllers(), ...findSharedGroups(grouped));
    if (problems.length > 0) throw optionsError('@RocketMQMessageListener', problems);
    return found;
  }

  *#listenersOf(provider: ProviderRecord): Iterable<{ method: string; raw: RocketMQListenerOptions }> {
    const prototype = prototypeOf(provider);
    // An alias is another name of a provider that is met under its own.
    if (!prototype || provider.isAlias) return;
    const onClass = listenerOptionsOf(prototype.constructor);
    if (onClass) yield { method: classListenerMethod, raw: onClass };
    for (const method of this.scanner.getAllMethodNames(prototype)) {
      const handler: unknown = (prototype as Record<string, unknown>)[method];
      const onMethod = typeof handler === 'function' ? listenerOptionsOf(handler) : undefined;
      if (onMethod) yield { method, raw: onMethod };
    }
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

function findSharedGroups(listeners: readonly ListenerDefinition[]): string[] {
  const owners = new Map<string, ListenerDefinition>();
  const problems: string[] = [];
  for (const listener of listeners) {
    const { consumerGroup, topic } = listener.options;
    const owner = owners.get(consumerGroup);
    if (!owner) {
      owners.set(consumerGroup, listener);
      continue;
    }
    problems.push(
      `${owner.place} ('${owner.options.topic}') and ${listener.place} ('${topic}') both use consumerGroup '${consumerGroup}': a group has one listener, and messages would go to either. Give them different groups`,
    );
  }
  return problems;
}

function hasMethod(provider: ProviderRecord, method: string): boolean {
  const prototype = prototypeOf(provider) as Record<string, unknown> | undefined;
  return typeof prototype?.[method] === 'function';
}

function payloadTypeOf(provider: ProviderRecord, method: string, options: RocketMQListenerOptions): unknown {
  const prototype = prototypeOf(provider);
  if (options.payloadType) return options.payloadType;
  if (!prototype) return undefined;
  const position = payloadPosition(prototype.constructor, method);
  return position === undefined ? undefined : parameterTypesOf(prototype, method)?.[position];
}

/** A provider made by a factory or value counts by what it is; one with request scope has no instance yet. */
function prototypeOf(provider: ProviderRecord): object | undefined {
  const instance: unknown = provider.isDependencyTreeStatic() ? provider.instance : undefined;
  if (typeof instance === 'object' && instance !== null) return Object.getPrototypeOf(instance) as object | undefined;
  const type: unknown = provider.metatype;
  if (typeof type !== 'function' || provider.inject) return undefined;
  return type.prototype as object | undefined;
}

function nameOf(provider: ProviderRecord): string {
  return prototypeOf(provider)?.constructor.name ?? String(provider.name);
}
