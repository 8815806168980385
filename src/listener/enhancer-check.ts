import type { ListenerDefinition } from './listener-explorer.js';

/** Where `@UseFilters` and its like write, and what Nest calls such a thing. Checked against Nest by a spec. */
export const enhancerKeys: ReadonlyMap<string, string> = new Map([
  ['__exceptionFilters__', 'filter'],
  ['__guards__', 'guard'],
  ['__interceptors__', 'interceptor'],
  ['__pipes__', 'pipe'],
]);

/**
 * Nest makes enhancers that are bound by their class only for providers that it makes from theirs: on what a factory or
 * a value brings they are left out without a word.
 */
export function unappliedEnhancers({ place, provider, method, options }: ListenerDefinition): string[] {
  const instance: unknown = provider.instance;
  const owner = typeof instance === 'object' && instance !== null ? instance.constructor : provider.metatype;
  if (typeof owner !== 'function' || options.enhancers === false) return [];
  const handler = (owner.prototype as Record<string, unknown> | undefined)?.[method];
  return [...enhancerKeys].flatMap(([key, kind]) =>
    [owner, handler]
      .flatMap((target) => boundTo(target, key))
      .filter((bound) => typeof bound === 'function' && !isMade(provider, bound))
      .map((bound) => {
        const { name } = bound as { readonly name: string };
        return `${place}: Nest does not apply the ${kind} ${name}, as a factory or a value made ${owner.name}. Provide the class itself, or bind an instance (new ${name}()).`;
      }),
  );
}

function boundTo(target: unknown, key: string): readonly unknown[] {
  if (typeof target !== 'function') return [];
  const bound: unknown = Reflect.getMetadata(key, target);
  return Array.isArray(bound) ? bound : [];
}

function isMade({ host }: ListenerDefinition['provider'], enhancer: unknown): boolean {
  return host?.injectables.has(enhancer as never) ?? true;
}
