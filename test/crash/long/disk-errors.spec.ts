import { describe, expect, it } from '@jest/globals';
import { diskError, shortWrite } from '../../../libs/testkit/src/index.js';
import { publish } from '../crash-settings.js';
import { failCallsOnce, flushModes } from '../errors/struck-life.js';

const errors = { EIO: diskError('EIO'), ENOSPC: diskError('ENOSPC'), 'short write': shortWrite('ENOSPC') };

describe.each(Object.entries(flushModes))('%s', (name, mode) => {
  it('each call of the disk fails once, in each way', async () => {
    const struck: Record<string, number> = {};
    for (const [what, error] of Object.entries(errors)) struck[what] = await failCallsOnce(mode, error, 'each call');
    publish(`disk-errors-${name.replaceAll(' ', '-')}`, struck, [
      ['error', 'calls that failed'],
      ...Object.entries(struck),
    ]);
    expect(Object.values(struck).every((count) => count > 80)).toBe(true);
  });
});
