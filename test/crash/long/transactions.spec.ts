import { describe, expect, it } from '@jest/globals';
import { crashSettings, publish } from '../crash-settings.js';
import { transactionRounds } from '../transactions/transaction-rounds.js';

const { isFull, seed } = crashSettings();

describe('kill -9 of broker and producer while transactions run', () => {
  const messages = isFull ? 10_000 : 1000;
  const [brokerKills, producerKills] = isFull ? [10, 10] : [2, 1];
  const versions = isFull ? (['V4_9_7', 'V5_3_3'] as const) : (['V5_3_3'] as const);
  it.each(versions)('%s: all that was committed is readable, nothing else is', async (brokerVersion) => {
    const options = { messages, brokerKills, producerKills, brokerVersion, seed };
    const { faults, ...figures } = await transactionRounds(options);
    const { halves, failed, checks, mostTimes, delivered, duplicates, givenUp } = figures;
    publish(`transactions-${brokerVersion}`, { ...options, ...figures, faults }, [
      ['kills', 'halves', 'failed', 'checks', 'most times', 'delivered', 'again', 'given up', 'faults'],
      [
        `${brokerKills} broker, ${producerKills} producer`,
        halves,
        failed,
        checks,
        mostTimes,
        delivered,
        duplicates,
        givenUp,
        faults.length,
      ],
    ]);
    expect({ seed, faults }).toEqual({ seed, faults: [] });
    expect(halves).toBeGreaterThan(messages * 0.5);
    expect(mostTimes).toBe(15);
  });
});
