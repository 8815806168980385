import { isThenable } from '../../../../common/src/index.js';
import type { AppendMessage } from '../../../../store/src/index.js';
import type { SlotSchedule, ScheduledUnit } from './slot-schedule.js';
import type { IntakeParts } from './timer-intake.js';
import { dueMessage, readTimerMessage, rolledMessage, type TimerMessage } from './timer-message.js';
import { putAll } from './timer-puts.js';

/** Delivered in one turn of the event loop; the bytes count as they lie in the log. */
const batchMessages = 128;
const batchBytes = 1024 * 1024;

interface Due {
  readonly unit: ScheduledUnit;
  readonly schedule: SlotSchedule;
}

interface Put extends Due {
  readonly message: AppendMessage;
  /** The topic it is for in the end. */
  readonly topic: string;
}

/** Brings messages whose instant has come to the place they are for. What could not be stored goes back, and is tried again. */
export class TimerOutput {
  constructor(private readonly parts: IntakeParts) {}

  /** One batch of the schedules, which are in the order of their slots. */
  async deliver(schedules: readonly SlotSchedule[]): Promise<'delivered' | 'nothing' | 'failed'> {
    const due = takeDue(schedules, this.parts.clock.now());
    if (due.length === 0) return 'nothing';
    let puts: readonly Put[];
    try {
      puts = await this.read(due);
    } catch (error) {
      for (const { schedule, unit } of due.toReversed()) schedule.giveBack(unit);
      throw error;
    }
    const stored = await putAll(
      this.parts,
      puts.map(({ message }) => message),
    );
    for (const [i, { topic }] of puts.entries()) if (stored[i]) this.parts.metrics.add(topic, -1);
    const failed = puts.filter((_put, i) => !stored[i]);
    for (const { schedule, unit } of failed.toReversed()) schedule.giveBack(unit);
    return failed.length === 0 ? 'delivered' : 'failed';
  }

  private async read(due: readonly Due[]): Promise<readonly Put[]> {
    const { store, clock } = this.parts;
    const found = due.map(({ unit }) => store.read(unit.physicalOffset, unit.size));
    // All are under way; one that fails must not leave others without anybody who waits.
    const settled = await Promise.allSettled(
      found.map((record) => (isThenable(record) ? record : Promise.resolve(record))),
    );
    const puts: Put[] = [];
    const gone = new Gone();
    for (const [i, outcome] of settled.entries()) {
      if (outcome.status === 'rejected') throw outcome.reason;
      const { unit, schedule } = due[i] as Due;
      const message = this.messageOf(outcome.value, unit, schedule);
      if (typeof message === 'string') {
        gone.add(unit, message);
        continue;
      }
      if (!unit.isRoll && (message.cancels !== undefined || isCancelled(message, schedule))) continue;
      const now = clock.now();
      const put = unit.isRoll ? rolledMessage(message, unit.writeTime, now) : dueMessage(message, unit.writeTime, now);
      puts.push({ unit, schedule, message: put, topic: message.topic });
    }
    gone.report(this.parts);
    return puts;
  }

  /** A text says why it cannot be delivered ever. */
  private messageOf(record: Buffer | undefined, unit: ScheduledUnit, schedule: SlotSchedule): TimerMessage | string {
    const { timers } = this.parts;
    if (record === undefined) return 'there is no whole record';
    const message = readTimerMessage(record, timers.precision);
    if ('problem' in message) return message.problem;
    // After a cut of the commit log another message may stand there, which has a unit of its own.
    if (!unit.isRoll && timers.floor(message.outTime) !== schedule.time)
      return 'a message of another slot stands there';
    return message;
  }
}

function takeDue(schedules: readonly SlotSchedule[], now: number): Due[] {
  const due: Due[] = [];
  let bytes = 0;
  for (const schedule of schedules) {
    // What may still come of this slot goes before all of the next.
    if (!schedule.isLoaded) break;
    while (due.length < batchMessages && bytes < batchBytes) {
      const unit = schedule.take(now);
      if (unit === undefined) break;
      bytes += unit.size;
      due.push({ unit, schedule });
    }
  }
  return due;
}

function isCancelled({ key }: TimerMessage, { cancelled }: SlotSchedule): boolean {
  return cancelled.size > 0 && key !== undefined && cancelled.has(key);
}

/** What cannot be delivered any more: one line for all of a batch. */
class Gone {
  private count = 0;
  private first: { readonly physicalOffset: number; readonly problem: string } | undefined;

  add({ physicalOffset }: ScheduledUnit, problem: string): void {
    this.first ??= { physicalOffset, problem };
    this.count++;
  }

  report({ log }: Pick<IntakeParts, 'log'>): void {
    if (this.count > 0) log.error('timed messages are passed over', { messages: this.count, ...this.first });
  }
}
