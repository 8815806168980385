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

/** @throws Error when it cannot be dropped. */
export function bringCache(files: readonly string[], cache: CacheState): void {
  execFileSync('sync');
  if (cache === 'dropped') writeFileSync(dropCaches, '3');
  else execFileSync('sh', ['-c', 'cat -- "$@" > /dev/null', 'cat', ...files]);
}
