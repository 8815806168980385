import { RocketMQError } from '../../common/src/index.js';

const units: ReadonlyMap<string, number> = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);
/** Java's, for a level that it does not know. */
const unknownLevelDelay = 1000;

/** The delays that a message may ask for by number, from 1 on: messageDelayLevel. */
export class DelayLevels {
  private readonly delays: readonly number[];

  /**
   * `text`: "1s 5s 10s", one blank between; units are s, m, h and d.
   *
   * @throws RocketMQError CONFIG_INVALID naming the part that is wrong.
   */
  constructor(text: string) {
    this.delays = text.trimEnd().split(' ').map(parseDelay);
  }

  get highest(): number {
    return this.delays.length;
  }

  /** In milliseconds. */
  delayOf(level: number): number {
    return this.delays[level - 1] ?? unknownLevelDelay;
  }

  /** The level a message gets that asked for `level`: the highest one for all beyond it. */
  atMostHighest(level: number): number {
    return Math.min(level, this.highest);
  }
}

function parseDelay(text: string): number {
  const [, digits, letter = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const delay = Number(digits) * (units.get(letter) ?? NaN);
  if (Number.isSafeInteger(delay)) return delay;
  throw new RocketMQError(
    'CONFIG_INVALID',
    `messageDelayLevel: ${JSON.stringify(text.slice(0, 32))} is no delay: write a number and s, m, h or d, as in "1s 5s 2h"`,
  );
}
