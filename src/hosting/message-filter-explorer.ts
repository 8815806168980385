import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { MessageFilter, NamedMessageFilters } from '../../libs/broker/src/index.js';
import { optionsError } from '../options/validate.js';
import { isObject, marksOn, type ProviderRecord } from '../provider-records.js';
import { classFilterMethod, filterNameOf } from './message-filter.js';

/** Finds every `@MessageFilter` in the application. */
@Injectable()
export class MessageFilterExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /** By name. @throws RocketMQOptionsError naming every filter without a name or method, and names that are used twice. */
  explore(): NamedMessageFilters {
    const problems: string[] = [];
    const filters = new Map<string, MessageFilter>();
    for (const provider of this.discovery.getProviders()) {
      for (const { method, mark: name } of marksOn(provider, this.scanner, classFilterMethod, filterNameOf)) {
        const place = `${String(provider.name)}.${method}`;
        const filter = filterOf(provider, method);
        if (typeof name !== 'string' || name === '') problems.push(`${place}: needs a name`);
        else if (filters.has(name)) problems.push(`${place}: there is another filter ${JSON.stringify(name)}`);
        else if (typeof filter === 'string') problems.push(`${place}: ${filter}`);
        else filters.set(name, filter);
      }
    }
    if (problems.length > 0) throw optionsError('@MessageFilter', problems);
    return Object.fromEntries(filters);
  }
}

/** The filter, or why there is none. */
function filterOf(provider: ProviderRecord, method: string): MessageFilter | string {
  if (!provider.isDependencyTreeStatic()) return 'has request or transient scope; a broker filters outside of requests';
  const instance: unknown = provider.instance;
  const own = isObject(instance) ? (instance as Record<string, unknown>)[method] : undefined;
  if (typeof own !== 'function') return `the class has no method ${method}`;
  return (message) => (own as MessageFilter).call(instance, message);
}
