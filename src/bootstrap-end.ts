import type { ModulesContainer } from '@nestjs/core';

interface Bootstrapped {
  onApplicationBootstrap?: () => unknown;
}

/**
 * Runs `work` once all onApplicationBootstrap hooks of the application have ended, and makes its start wait for it. Nest
 * has no hook for that moment: it calls modules one after the other, global ones first, and of each the class last. So
 * the class of the last module gets a hook that calls its own and then `work`. To be called before Nest comes to it.
 */
export function atEndOfBootstrap(modules: ModulesContainer, work: () => Promise<void>): void {
  const last = lastInstance(modules);
  const own = last.onApplicationBootstrap;
  const isOwnProperty = Object.hasOwn(last, 'onApplicationBootstrap');
  last.onApplicationBootstrap = async () => {
    if (isOwnProperty) last.onApplicationBootstrap = own;
    else delete last.onApplicationBootstrap;
    await own?.call(last);
    await work();
  };
}

/** Of the module whose hooks Nest calls last: by its own order, and none that it leaves out for being request-scoped. */
function lastInstance(modules: ModulesContainer): Bootstrapped {
  const inOrder = [...modules.values()].sort((one, other) => other.distance - one.distance);
  const last = inOrder.findLast((module) => {
    const host = module.getProviderByKey(module.metatype);
    return host?.instance && host.isDependencyTreeStatic();
  });
  if (last === undefined) throw new Error('Nest calls the hooks of no module: an application has at least one');
  return last.instance as Bootstrapped;
}
