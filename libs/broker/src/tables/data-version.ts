import type { Clock } from '../../../common/src/index.js';
import type { DataVersion } from '../../../protocol/src/index.js';

/** The version after a change: who holds another one asks again. */
export function nextVersion(version: DataVersion, clock: Clock): DataVersion {
  return { ...version, timestamp: clock.now(), counter: version.counter + 1 };
}
