import type { Logger } from '../../../common/src/index.js';
import type { TimerCheckpoint, TimerProgress } from './timer-checkpoint.js';
import type { TimerLog } from './timer-log.js';
import { TimerMagic, timerUnitSize, type TimerUnit } from './timer-unit.js';
import type { TimerWheel } from './timer-wheel.js';

/** The store of messages that a timer belongs to, as it is after its own recovery. */
export interface TimerSource {
  readonly commitLogEnd: number;
  /** Bounds of the timer's queue. */
  readonly queueMin: number;
  readonly queueMax: number;
  /** Queue offset of the waiting message whose record is there; undefined when there is none. */
  queueOffsetAt(physicalOffset: number, size: number): Promise<number | undefined>;
}

export interface RecoveredTimer extends TimerProgress {
  /** Of the queue before it everything that was due before `coveredTime` is delivered. */
  readonly coveredQueueOffset: number;
  readonly coveredTime: number;
  /** What stands in the timer log before `deliveredEnd` and was due up to this instant is delivered. */
  readonly deliveredTo: number;
  readonly deliveredEnd: number;
}

interface Parts {
  readonly log: TimerLog;
  readonly wheel: TimerWheel;
  readonly checkpoint: TimerCheckpoint;
  readonly source: TimerSource;
  readonly logger: Logger;
}

interface Beginning {
  readonly progress: TimerProgress;
  readonly deliveredTo: number;
  /** Units from here on are looked at; those before it, the wheel knows. */
  readonly from: number;
}

/**
 * Brings timer log and wheel to one state after any stop, of ours or of Java's. The log is the truth: what is behind the
 * checkpoint goes into the wheel once more. Units of messages that the commit log has lost are cut off with everything
 * behind them, and slots of the wheel that knew of these are made again. Timer log and wheel can both be made again from
 * the timer's queue, which is what happens when files are missing.
 */
export async function recoverTimer(parts: Parts): Promise<RecoveredTimer> {
  const { log, source } = parts;
  const { progress, from, deliveredTo } = await begin(parts);
  const reached = await log.scan(from, log.fileEnd, (unit, at) => isSound(parts, unit, at >= progress.logPosition));
  const end = endWithin(log, Math.max(reached, log.start), source.commitLogEnd);
  const isCut = end < progress.logPosition;
  log.cut(end);
  await refill(parts, progress.readTime, from);
  return {
    readTime: progress.readTime,
    logPosition: end,
    queueOffset: await nextQueueOffset(parts, progress, isCut),
    coveredQueueOffset: Math.min(progress.queueOffset, source.queueMax),
    coveredTime: progress.readTime,
    deliveredTo,
    deliveredEnd: progress.logPosition,
  };
}

/** Where the checkpoint says things stood, and how far that can be trusted. */
async function begin({ log, wheel, checkpoint, source, logger }: Parts): Promise<Beginning> {
  const isLogWhole = log.load();
  const isWheelWhole = await wheel.load();
  const { recent, durable } = checkpoint;
  const holds = recent !== undefined && recent.commitLogEnd <= source.commitLogEnd && recent.logPosition <= log.fileEnd;
  const progress = holds ? recent : durable;
  const deliveredTo = holds ? recent.deliveredTo : 0;
  if (!isLogWhole || progress.logPosition > log.fileEnd) {
    const files = { path: log.directory, end: log.fileEnd, expected: progress.logPosition, fileSize: log.bytesAFile };
    logger.error('the timer log lacks files, or has files of another size: it is made again from its queue', files);
    log.restart();
    wheel.clear();
    return { progress, from: 0, deliveredTo: 0 };
  }
  if (!isWheelWhole || (wheel.isNew && !log.isEmpty)) {
    logger.error('the timer wheel is missing or has another size: it is made again from the timer log', {
      path: wheel.path,
    });
    wheel.clear();
    return { progress, from: log.start, deliveredTo };
  }
  if (recent !== undefined) return { progress, from: progress.logPosition, deliveredTo };
  // As Java does, who does not wait for the disk in between: one file back, from its beginning.
  const back = Math.max(log.start, progress.logPosition - log.bytesAFile);
  return { progress, from: back - (back % log.bytesAFile), deliveredTo };
}

/** Behind the checkpoint a unit of Java's, which has no check, has to name a message of the timer; and ours have one. */
async function isSound({ checkpoint, source }: Parts, unit: TimerUnit, isUnvouched: boolean): Promise<boolean> {
  if (unit.physicalOffset + unit.size > source.commitLogEnd) return false;
  if (!isUnvouched || unit.deliverTime !== undefined) return true;
  if (checkpoint.recent !== undefined) return false;
  return (await source.queueOffsetAt(unit.physicalOffset, unit.size)) !== undefined;
}

/** The end of the units whose messages the commit log still has: they stand in the order of the log. */
function endWithin(log: TimerLog, reached: number, commitLogEnd: number): number {
  let end = reached;
  for (;;) {
    const position = log.before(end);
    if (position < log.start) return end;
    const unit = log.unitAt(position);
    if (unit === undefined || unit.physicalOffset + unit.size <= commitLogEnd) return end;
    end = position;
  }
}

/** Puts units into the wheel that it does not know, and takes out what there is no unit for, and what is delivered. */
async function refill({ log, wheel, logger }: Parts, readTime: number, from: number): Promise<void> {
  const broken = new Set<number>();
  let scanFrom = Math.min(from, log.end);
  for (const { time, first, last } of wheel.all()) {
    if (time < readTime) wheel.remove(time);
    if (time < readTime || last < log.end) continue;
    broken.add(time);
    wheel.remove(time);
    const isPlace = first >= log.start && (first % log.bytesAFile) % timerUnitSize === 0;
    scanFrom = Math.min(scanFrom, isPlace ? first : log.start);
  }
  if (broken.size > 0) logger.error('slots of the timer wheel are made again', { slots: broken.size, end: log.end });
  const reached = await log.scan(scanFrom, log.end, (unit, at) => {
    const isWanted = unit.slotTime >= readTime && (at >= from || broken.has(wheel.floor(unit.slotTime)));
    if (isWanted) fill(wheel, unit, at);
    return true;
  });
  if (reached < log.end) logger.error('the timer log is damaged', { path: log.directory, at: reached, end: log.end });
}

/** The same again changes nothing. */
export function fill(wheel: TimerWheel, { slotTime, magic }: TimerUnit, position: number): void {
  const time = wheel.floor(slotTime);
  const there = wheel.occupant(time);
  if (there !== undefined && there.time > time) return;
  const isFirst = there === undefined || there.time < time;
  if (!isFirst && position <= there.last) return;
  const count = (isFirst ? 0 : there.count) + countOf(magic);
  wheel.put({ time, first: isFirst ? position : there.first, last: position, count });
}

/** As Java counts: a cancellation takes the message it is for out of the number. */
export function countOf(magic: number): number {
  return (magic & TimerMagic.DELETE) === 0 ? 1 : -1;
}

/** Behind the message of the last unit; where nothing says which that is, as the checkpoint says. */
async function nextQueueOffset({ log, source }: Parts, progress: TimerProgress, isCut: boolean): Promise<number> {
  const last = log.isEmpty ? undefined : log.unitAt(log.before(log.end));
  const found = last && (await source.queueOffsetAt(last.physicalOffset, last.size));
  let next = found === undefined ? source.queueMin : found + 1;
  if (!isCut) next = Math.max(next, progress.queueOffset);
  return Math.min(Math.max(next, source.queueMin), source.queueMax);
}
