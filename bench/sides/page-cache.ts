import { execFileSync } from 'node:child_process';
import { accessSync, constants, writeFileSync } from 'node:fs';

/** What the page cache holds: all of the files, or nothing. */
export type CacheState = 'warm' | 'dropped';

const dropCaches = '/proc/sys/vm/drop_caches';

/** Only root may drop it. */
export function canDropCache(): boolean {
  try {
    accessSync(dropCaches, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Gives back what the page cache took for logs written before. A machine that is virtual may have to ask for memory it
 * never touched, which costs more than the writes do; after this both sides write to pages that were used already. Without
 * root nothing happens.
 */
export function freePages(): void {
  if (canDropCache()) bringCache([], 'dropped');
}

/** @throws Error when it cannot be dropped. */
export function bringCache(files: readonly string[], cache: CacheState): void {
  execFileSync('sync');
  if (cache === 'dropped') writeFileSync(dropCaches, '3');
  else execFileSync('sh', ['-c', 'cat -- "$@" > /dev/null', 'cat', ...files]);
}
