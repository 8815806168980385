import type { OptionReader } from './option-reader.js';

interface Hook {
  before?(call: never): void;
  after?(result: never): void;
}

/** The option `hooks`, of producers and of consumers. */
export function readHooks<H extends Hook>(read: OptionReader<{ readonly hooks?: readonly H[] }>): readonly H[] {
  const hooks: unknown = read.value('hooks') ?? [];
  const isHook = (hook: unknown): hook is H =>
    typeof hook === 'object' &&
    hook !== null &&
    ['before', 'after'].every((name) => ['function', 'undefined'].includes(typeof hook[name as never]));
  if (Array.isArray(hooks) && hooks.every(isHook)) return hooks;
  read.problem('hooks', "must be a list of objects whose 'before' and 'after' are functions or left out");
  return [];
}
