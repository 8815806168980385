import type { Logger } from '../../../../common/src/index.js';
import { TimerMagic, type MessageStore, type TimerStore, type TimerUnit } from '../../../../store/src/index.js';
import { SlotSchedule } from './slot-schedule.js';
import { readTimerMessage } from './timer-message.js';

export interface OpeningParts {
  readonly store: Pick<MessageStore, 'read'>;
  readonly timers: TimerStore;
  readonly log: Logger;
}

/** Units followed in one turn of the event loop: most come from one read, the others from the page cache. */
const unitsATurn = 256;

/**
 * Follows the units of a slot from its last one back, and puts them into the schedule. Those up to `deliveredTo` are
 * delivered. Cancellations are looked up, for the key of what they cancel.
 */
export async function loadSlot(
  { store, timers, log }: OpeningParts,
  schedule: SlotSchedule,
  deliveredTo: number,
): Promise<void> {
  let position = schedule.openedAt;
  for (let count = 1; position > deliveredTo; count++) {
    const unit = timers.unitAt(position);
    if (unit === undefined || timers.floor(unit.slotTime) !== schedule.time || unit.previous >= position) {
      log.error('the units of a slot of the timer log cannot be followed', { slot: schedule.time, position });
      break;
    }
    await enter({ store, timers }, schedule, unit);
    position = unit.previous;
    if (count % unitsATurn === 0) await new Promise(setImmediate);
  }
  schedule.isLoaded = true;
}

async function enter(
  { store, timers }: Omit<OpeningParts, 'log'>,
  schedule: SlotSchedule,
  unit: TimerUnit,
): Promise<void> {
  const { magic, physicalOffset, size, writeTime } = unit;
  const isRoll = (magic & TimerMagic.ROLL) !== 0;
  let { deliverTime } = unit;
  // Java's units tell no instant.
  if (!isRoll && (deliverTime === undefined || (magic & TimerMagic.DELETE) !== 0)) {
    const record = await store.read(physicalOffset, size);
    const message = record && readTimerMessage(record, timers.precision);
    if (message !== undefined && 'cancels' in message && message.cancels !== undefined) {
      schedule.cancelled.add(message.cancels);
      return;
    }
    if (message !== undefined && 'deliverTime' in message) deliverTime = message.deliverTime;
  }
  // A roll is in no hurry: it has days left.
  deliverTime = isRoll ? schedule.time + timers.precision : (deliverTime ?? schedule.time + timers.precision);
  schedule.unshift({ deliverTime, writeTime, physicalOffset, size, isRoll });
}
