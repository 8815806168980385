import type { AllocateFunction, MessageQueue } from '../../contract/index.js';

/** CONFIG: this member takes these queues, whoever else there is. That others leave them alone is up to the configuration. */
export function allocateByConfig(queues: readonly MessageQueue[]): AllocateFunction {
  const own = [...queues];
  return () => own;
}
