import { mkdirSync, rmSync } from 'node:fs';

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs `use` with an empty directory and removes it afterwards, also when the benchmark fails or is interrupted. */
export async function withWorkDirectory<T>(path: string, use: (path: string) => Promise<T>): Promise<T> {
  // A process that was killed may write for a moment yet.
  const remove = (): void => rmSync(path, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  const leave = (): void => process.exit(130);
  remove();
  mkdirSync(path, { recursive: true });
  process.once('exit', remove);
  for (const signal of stopSignals) process.once(signal, leave);
  try {
    return await use(path);
  } finally {
    for (const signal of stopSignals) process.removeListener(signal, leave);
    process.removeListener('exit', remove);
    remove();
  }
}
