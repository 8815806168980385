import { describe, expect, it } from '@jest/globals';
import { diskError, shortWrite } from '../../libs/testkit/src/index.js';
import { failCallsOnce, flushModes } from '../crash/errors/struck-life.js';

// `npm run test:crash` lets each call fail, and has ENOSPC too.
const errors = { EIO: diskError('EIO'), 'a write that ends half-way': shortWrite('ENOSPC') };

describe.each(Object.entries(flushModes))('%s', (_mode, mode) => {
  it.each(Object.entries(errors))(
    '%s, wherever it strikes: told, not acknowledged, and the next start is clean',
    async (_name, error) => {
      expect(await failCallsOnce(mode, error, 'each kind of call')).toBeGreaterThan(30);
    },
    120_000,
  );
});
