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

/** What of a slot is delivered already. */
export interface DeliveredPart {
  /** Position of the last unit of the slot when it was done; -1 when it never was. */
  readonly upTo: number;
  /** Units before `end` that were due up to `instant`. */
  readonly end: number;
  readonly instant: number;
}

/**
 * Follows the units of a slot from its last one back, and puts them into the schedule, unless they are delivered. Cancellations are looked up, for the key of what they cancel.
 */
export async function loadSlot(
  { store, timers, log }: OpeningParts,
  schedule: SlotSchedule,
  delivered: DeliveredPart,
): Promise<void> {
  let position = schedule.openedAt;
  for (let count = 1; position > delivered.upTo; count++) {
    const unit = timers.unitAt(position);
    if (unit === undefined || timers.floor(unit.slotTime) !== schedule.time || unit.previous >= position) {
      log.error('the units of a slot of the timer log cannot be followed', { slot: schedule.time, position });
      break;
    }
    await enter({ store, timers }, schedule, unit, position < delivered.end ? delivered.instant : 0);
    position = unit.previous;
    if (count % unitsATurn === 0) await new Promise(setImmediate);
  }
  schedule.isLoaded = true;
}

async function enter(
  { store, timers }: Omit<OpeningParts, 'log'>,
  schedule: SlotSchedule,
  unit: TimerUnit,
  deliveredTo: number,
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
  if (deliverTime > deliveredTo) schedule.unshift({ deliverTime, writeTime, physicalOffset, size, isRoll });
}
