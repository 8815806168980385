import type { StoreConfig } from '../../../../store/src/index.js';

type Keys = Pick<
  StoreConfig,
  'fileReservedTime' | 'timerWheelEnable' | 'timerRollWindowSlot' | 'timerPrecisionMs' | 'timerMaxDelaySec'
>;

const hour = 3_600_000;

/** Slots after which messages that wait are appended once more, where nobody chose: as long as the log is surely kept. */
export function fittingRollWindow(config: Keys): number {
  const kept = Math.floor((config.fileReservedTime * hour) / config.timerPrecisionMs);
  return rollWindowProblem(config) === undefined ? config.timerRollWindowSlot : Math.max(2, Math.floor(kept / 2));
}

/** Why messages could lose their place in the log while they wait; undefined when they cannot. */
export function rollWindowProblem(config: Keys): string | undefined {
  const { fileReservedTime, timerWheelEnable, timerRollWindowSlot, timerPrecisionMs, timerMaxDelaySec } = config;
  const longestWait = Math.min(timerRollWindowSlot * timerPrecisionMs, timerMaxDelaySec * 1000);
  if (!timerWheelEnable || fileReservedTime * hour > longestWait) return undefined;
  return (
    `fileReservedTime=${fileReservedTime} hours must be longer than messages wait in the log for their instant, ` +
    `${longestWait / hour} hours: set timerRollWindowSlot=${timerRollWindowSlot} lower, or fileReservedTime higher`
  );
}
