import { messageOf } from '../../libs/common/src/index.js';
import type { RocketMQModuleOptions } from './module-options.js';

/** What tells where an option's function gets its argument from, so it cannot be one. */
type Fixed = 'connection' | 'name';

/**
 * Options of a decorator: each may be a function of the options object of its connection, as `forRoot` was given it or
 * the factory of `forRootAsync` returned it. It is called once, before the application starts.
 */
export type OptionsOrFunctions<T, O> = {
  readonly [K in keyof T]: K extends Fixed ? T[K] : T[K] | ((options: O) => T[K]);
};

/** The options object as functions see it when nothing tells more. */
export type DefaultOptionsObject = RocketMQModuleOptions;

/** Options with every function called, and what is wrong with those that threw. */
export function evaluateOptions(
  options: object,
  source: object,
  where: string,
): { readonly values: Record<string, unknown>; readonly problems: readonly string[] } {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, value] of Object.entries(options) as [string, unknown][]) {
    if (!isFunctionOfOptions(name, value)) {
      values[name] = value;
      continue;
    }
    if (name === 'allocateMessageQueueStrategy' && value.length > 1) {
      problems.push(`${name}: a function gets the options here; give a strategy of your own as () => strategy`);
      continue;
    }
    try {
      values[name] = value(source);
    } catch (error) {
      problems.push(`${name}: its function failed with the options of ${where}: ${messageOf(error)}`);
    }
  }
  return { values, problems };
}

/** Classes are values; arrow functions, which have no prototype, are not. */
function isFunctionOfOptions(name: string, value: unknown): value is (options: object) => unknown {
  if (typeof value !== 'function' || name === 'connection' || name === 'name') return false;
  return name !== 'payloadType' || typeof (value as { readonly prototype?: unknown }).prototype !== 'object';
}
