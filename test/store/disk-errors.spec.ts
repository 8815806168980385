import { describe, expect, it } from '@jest/globals';
import { diskError, shortWrite } from '../../libs/testkit/src/index.js';
import { failEachCallOnce, flushModes } from '../crash/errors/struck-life.js';

// `npm run test:crash` has ENOSPC at each call too.
const errors = { EIO: diskError('EIO'), 'a write that ends half-way': shortWrite('ENOSPC') };

describe.each(Object.entries(flushModes))('%s', (_mode, mode) => {
  it.each(Object.entries(errors))(
    '%s, wherever it strikes: told, not acknowledged, and the next start is clean',
    async (_name, error) => {
      expect(await failEachCallOnce(mode, error)).toBeGreaterThan(80);
    },
    120_000,
  );
});
