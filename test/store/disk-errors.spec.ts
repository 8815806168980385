import { describe, expect, it } from '@jest/globals';
import { diskError, shortWrite } from '../../libs/testkit/src/index.js';
import { failEachCallOnce } from '../crash/errors/struck-life.js';

// `npm run test:crash` has ENOSPC at each call too.
const errors = { EIO: diskError('EIO'), 'a write that ends half-way': shortWrite('ENOSPC') };

describe.each(['ASYNC_FLUSH', 'SYNC_FLUSH'] as const)('%s', (flushDiskType) => {
  it.each(Object.entries(errors))(
    '%s, wherever it strikes: told, not acknowledged, and the next start is clean',
    async (_name, error) => {
      expect(await failEachCallOnce(flushDiskType, error)).toBeGreaterThan(80);
    },
    120_000,
  );
});
