import { describe, expect, it } from '@jest/globals';
import { createManualClock } from '../../../testkit/src/manual-clock.js';
import { ConsumeFigures } from './consume-figures.js';

describe('ConsumeFigures', () => {
  it('shows averages and rates of the last minute, failures of the last hour', () => {
    const clock = createManualClock();
    const figures = new ConsumeFigures(clock);
    figures.pulled(30, 10);
    figures.pulled(30, 20);
    figures.handled(60, 0, 4);
    figures.handled(0, 6, 8);
    expect(figures.figures()).toEqual({
      pullRT: 15,
      pullTPS: 1,
      consumeRT: 6,
      consumeOKTPS: 1,
      consumeFailedTPS: 0.1,
      consumeFailedMsgs: 6,
    });
    clock.advance(60_000);
    expect(figures.figures()).toMatchObject({ pullTPS: 0, consumeRT: 0, consumeFailedMsgs: 6 });
    clock.advance(60 * 60_000);
    expect(figures.figures().consumeFailedMsgs).toBe(0);
  });
});
