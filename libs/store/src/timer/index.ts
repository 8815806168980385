export { TimerStore, type NewTimerUnit, type TimerState, type TimerStoreOptions } from './timer-store.js';
export type { RecoveredTimer, TimerSource } from './timer-recovery.js';
export { TimerMagic, type TimerUnit } from './timer-unit.js';
export { wheelSlots, type WheelSlot } from './timer-wheel.js';
