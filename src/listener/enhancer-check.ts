import type { ProviderListener } from './listener-explorer.js';

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
export function unappliedEnhancers({ place, provider, method, options }: ProviderListener): string[] {
  const instance: unknown = provider.instance;
  const owner = typeof instance === 'object' && instance !== null ? instance.constructor : provider.metatype;
  if (typeof owner !== 'function' || options.enhancers === false) return [];
  const handler = (owner.prototype as Record<string, unknown> | undefined)?.[method];
  return enhancersOf(owner, handler)
    .filter(({ type }) => type !== undefined && !(provider.host?.injectables.has(type as never) ?? true))
    .map(
      ({ kind, name }) =>
        `${place}: Nest does not apply the ${kind} ${name}, as a factory or a value made ${owner.name}. Provide the class itself, or bind an instance (new ${name}()).`,
    );
}

/** What is bound to a class and to its handler; `type` is undefined for instances. */
export function enhancersOf(
  owner: object,
  handler: unknown,
): { readonly kind: string; readonly name: string; readonly type: object | undefined }[] {
  return [...enhancerKeys].flatMap(([key, kind]) =>
    [owner, handler]
      .flatMap((target) => boundTo(target, key))
      .map((bound) => {
        if (typeof bound === 'function') return { kind, name: bound.name, type: bound };
        return { kind, name: bound.constructor.name, type: undefined };
      }),
  );
}

function boundTo(target: unknown, key: string): readonly object[] {
  if (typeof target !== 'function') return [];
  const bound: unknown = Reflect.getMetadata(key, target);
  return Array.isArray(bound) ? bound : [];
}
