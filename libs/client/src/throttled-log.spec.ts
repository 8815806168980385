import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../common/src/index.js';
import { createManualClock } from '../../testkit/src/manual-clock.js';
import { ThrottledLog } from './throttled-log.js';

describe('ThrottledLog', () => {
  it('writes a line a second and counts the others', () => {
    const clock = createManualClock();
    const lines: unknown[] = [];
    const log = new ThrottledLog(clock, {
      ...silentLogger,
      warn: (message, context) => lines.push([message, context]),
    });
    for (let i = 0; i < 5; i++) log.warn('failed', () => ({ i }));
    clock.advance(1000);
    log.warn('failed', () => ({ i: 5 }));
    expect(lines).toEqual([
      ['failed', { i: 0 }],
      ['failed', { i: 5, notShownSinceTheLast: 4 }],
    ]);
  });
});
