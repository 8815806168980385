import { describe, expect, it } from '@jest/globals';
import { diskError, shortWrite } from '../../../libs/testkit/src/index.js';
import { publish } from '../crash-settings.js';
import { failEachCallOnce } from '../errors/struck-life.js';

const errors = { EIO: diskError('EIO'), ENOSPC: diskError('ENOSPC'), 'short write': shortWrite('ENOSPC') };

describe.each(['ASYNC_FLUSH', 'SYNC_FLUSH'] as const)('%s', (flushDiskType) => {
  it('each call of the disk fails once, in each way', async () => {
    const struck: Record<string, number> = {};
    for (const [name, error] of Object.entries(errors)) struck[name] = await failEachCallOnce(flushDiskType, error);
    publish(`disk-errors-${flushDiskType}`, struck, [['error', 'calls that failed'], ...Object.entries(struck)]);
    expect(Object.values(struck).every((count) => count > 80)).toBe(true);
  });
});
