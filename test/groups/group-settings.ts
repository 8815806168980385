import { systemClock } from '../../libs/common/src/index.js';
import type { Mode, Strategy } from './members.js';

/** What run.mjs asks for through the environment. */
export interface GroupSettings {
  /** Seconds a combination of mode and strategy runs for. */
  readonly seconds: number;
  readonly seed: number;
  /** All combinations instead of one besides averagely. */
  readonly isFull: boolean;
  /** Members of Apache's Go client take part in a group of their own. */
  readonly withGo: boolean;
}

export function groupSettings(environment: NodeJS.ProcessEnv = process.env): GroupSettings {
  const isFull = environment['GROUPS_FULL'] === '1';
  return {
    seconds: Number(environment['GROUPS_SECONDS'] ?? (isFull ? 600 : 20)),
    seed: Number(environment['GROUPS_SEED'] ?? systemClock.now() % 1_000_000),
    isFull,
    withGo: isFull || environment['GROUPS_GO'] === '1',
  };
}

export interface Combination {
  readonly mode: Mode;
  readonly strategy: Strategy;
}

const modes: readonly Mode[] = ['CONCURRENTLY', 'ORDERLY'];
const strategies: readonly Strategy[] = ['AVG', 'AVG_BY_CIRCLE', 'CONSISTENT_HASH', 'MACHINE_ROOM_NEARBY'];

/** Averagely and concurrent first; then all others, or the one whose turn it is by the seed. */
export function combinations({ isFull, seed }: GroupSettings): Combination[] {
  const [first, ...others] = strategies.flatMap((strategy) => modes.map((mode) => ({ mode, strategy })));
  const turn = others[seed % others.length];
  return [first, ...(isFull ? others : [turn])].filter((combination) => combination !== undefined);
}
