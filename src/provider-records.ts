import type { DiscoveryService, MetadataScanner } from '@nestjs/core';

/** Nest's record of a provider; its type is not exported from a package root. */
export type ProviderRecord = ReturnType<DiscoveryService['getProviders']>[number];

/**
 * What a provider's methods stand on. One made by a factory or value counts by what it is; one with request scope has no
 * instance yet. Undefined for an alias: it is another name of a provider that is met under its own.
 */
export function prototypeOf(provider: ProviderRecord): object | undefined {
  if (provider.isAlias) return undefined;
  const instance: unknown = provider.isDependencyTreeStatic() ? provider.instance : undefined;
  if (isObject(instance)) return (Object.getPrototypeOf(instance) as object | null) ?? undefined;
  const type: unknown = provider.metatype;
  if (typeof type !== 'function' || provider.inject) return undefined;
  return type.prototype as object | undefined;
}

/** What a decorator has stored on a provider's class, where it means the method `classMethod`, and on its methods. */
export function* marksOn<M>(
  provider: ProviderRecord,
  scanner: MetadataScanner,
  classMethod: string,
  markOf: (target: object) => M | undefined,
): Iterable<{ readonly method: string; readonly mark: M }> {
  const prototype = prototypeOf(provider);
  if (prototype === undefined) return;
  const type: unknown = prototype.constructor;
  const onClass = typeof type === 'function' ? markOf(type) : undefined;
  if (onClass !== undefined) yield { method: classMethod, mark: onClass };
  for (const method of scanner.getAllMethodNames(prototype)) {
    const handler: unknown = (prototype as Record<string, unknown>)[method];
    const onMethod = typeof handler === 'function' ? markOf(handler) : undefined;
    if (onMethod !== undefined) yield { method, mark: onMethod };
  }
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
