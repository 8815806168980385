/** Something that starts and stops. Both calls are idempotent, and `close` is safe after a failed or no start. */
export interface Lifecycle {
  start(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Memoises both promises: a second `start` returns the first one's promise, `close` waits for a start under way and
 * `start` after `close` rejects. A start that fails closes what had begun before it rejects.
 */
export function createLifecycle(steps: { start(): Promise<void>; close(): Promise<void> }): Lifecycle {
  let starting: Promise<void> | undefined;
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      await starting?.catch(() => undefined);
      await steps.close();
    })();
    return closing;
  };
  return {
    start() {
      if (starting) return starting;
      if (closing) return Promise.reject(new Error('already closed'));
      starting = (async () => {
        try {
          await steps.start();
        } catch (error) {
          closing ??= steps.close();
          await closing.catch(() => undefined);
          throw error;
        }
      })();
      return starting;
    },
    close,
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
      if (failures.length > 0) throw failures[0];
    },
  });
}
