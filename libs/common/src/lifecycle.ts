import { RocketMQError } from './errors.js';

/** Something that starts and stops. Both calls are idempotent, and `close` is safe after a failed or no start. */
export interface Lifecycle {
  /** Once; every call returns the same promise. After `close` it rejects with CLOSED. */
  start(): Promise<void>;
  /** Once; waits for a start under way. */
  close(): Promise<void>;
}

/**
 * Memoises both promises: a second `start` returns the first one's promise, `close` waits for a start under way and
 * `start` after `close` rejects with CLOSED. A start that fails closes what had begun before it rejects.
 */
export function createLifecycle(steps: { start(): Promise<void>; close(): Promise<void> }): Lifecycle {
  let starting: Promise<void> | undefined;
  let closing: Promise<void> | undefined;
  let stopping: Promise<void> | undefined;
  // Apart from `closing`, which waits for the start: a failing start must be able to wait for this one.
  const stop = (): Promise<void> => (stopping ??= runStep(() => steps.close()));
  return {
    start() {
      if (starting) return starting;
      if (closing) return Promise.reject(new RocketMQError('CLOSED', 'it was closed and cannot be started again'));
      starting = runStep(() => steps.start()).catch(async (error: unknown) => {
        await stop().catch(() => undefined);
        throw error;
      });
      return starting;
    },
    close() {
      closing ??= (starting ?? Promise.resolve()).catch(() => undefined).then(stop);
      return closing;
    },
  };
}

/** Children start in list order and stop in reverse; if one fails to start, those before it are stopped. */
export function createLifecycleChain(children: readonly Lifecycle[]): Lifecycle {
  return createLifecycle({
    async start() {
      for (const child of children) await child.start();
    },
    async close() {
      const failures: unknown[] = [];
      for (const child of children.toReversed()) await child.close().catch((error: unknown) => failures.push(error));
      if (failures.length === 1) throw failures[0];
      if (failures.length > 1) throw new AggregateError(failures, 'several parts failed to close');
    },
  });
}

/** A step that throws before its first await rejects like any other. */
async function runStep(step: () => Promise<void>): Promise<void> {
  await step();
}
