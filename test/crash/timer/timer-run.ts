import { randomOf, type Random } from '../images/seeds.js';
import { TimerLife, type DeliveredTimer, type SentTimer } from './timer-life.js';

export interface TimerRun {
  readonly messages: number;
  readonly crashes: number;
  readonly seed: number;
}

export interface TimerReport {
  readonly acked: number;
  readonly cancelled: number;
  readonly delivered: number;
  readonly early: number;
  readonly lost: number;
  /** Copies beyond the first of their message. */
  readonly twice: number;
  /** Those of them that a crash does not explain. */
  readonly twiceBeyondWindow: number;
  readonly cancelledDelivered: number;
  /** Delivered before the timer had read their cancellation, however early it was sent. */
  readonly cancelledTooLate: number;
  readonly kills: number;
  readonly powerCuts: number;
  /** Milliseconds; the simulated clock moves in steps of `step`. */
  readonly lateness: { readonly p50: number; readonly p99: number };
  /** The first few. */
  readonly faults: readonly string[];
}

const minutes = 10;
const span = minutes * 60_000;
const step = 100;
/**
 * What is delivered so long before a crash may come twice: the interval of the checkpoint (timerFlushIntervalMs), the
 * slot under way, and for a power cut the flush of the commit log, which the checkpoint after the next one waits for.
 */
const windows = { kill: 2000 + step, power: 6000 + step };
/** Milliseconds, so that most cancellations are read before their message goes. */
const cancelLead = 1500;
const cancelShare = 0.03;

interface Plan {
  readonly at: number;
  readonly id: string;
  readonly deliverAt: number;
  readonly cancels?: string;
}

/** Messages at random times within ten simulated minutes, and crashes in between. Same seed, same run. */
export async function timerRun({ messages, crashes, seed }: TimerRun): Promise<TimerReport> {
  const random = randomOf(seed, 11);
  const life = new TimerLife(random, random.pick(['ASYNC_FLUSH', 'SYNC_FLUSH']));
  const start = life.clock.now();
  const plans = plansOf(messages, random);
  const crashTimes = Array.from({ length: crashes }, () => random.below(span - 10_000)).sort((a, b) => a - b);
  const sent = new Map<string, SentTimer>();
  await life.begin();
  for (let next = 0; life.clock.now() - start < span + 5000;) {
    const elapsed = life.clock.now() - start;
    for (; (plans[next]?.at ?? Infinity) <= elapsed; next++) {
      const { id, deliverAt, cancels } = plans[next] as Plan;
      if (cancels !== undefined && start + deliverAt <= life.clock.now()) continue;
      sent.set(id, life.send(id, start + deliverAt, cancels));
    }
    const isCrashing = (crashTimes[0] ?? Infinity) <= elapsed;
    await life.settle(isCrashing ? random.below(8) : 8);
    if (isCrashing) {
      crashTimes.shift();
      await life.crash();
    }
    life.clock.advance(step);
    await life.settle(4);
  }
  for (let turns = 0; life.waiting > 0 && turns < 2000; turns++) {
    life.clock.advance(step);
    await life.settle(10);
  }
  const report = audit(await life.delivered(), sent, plans, life);
  await life.end();
  return report;
}

function plansOf(messages: number, random: Random): Plan[] {
  const plans: Plan[] = [];
  for (let i = 0; i < messages; i++) {
    const at = random.below(span * 0.7);
    const deliverAt = at + 1 + random.below(span - at);
    plans.push({ at, id: `M${i}`, deliverAt });
    if (!random.chance(cancelShare) || deliverAt - at < 2 * cancelLead) continue;
    const cancelAt = at + 100 + random.below(deliverAt - at - cancelLead - 100);
    plans.push({ at: cancelAt, id: `C${i}`, deliverAt, cancels: `M${i}` });
  }
  return plans.sort((a, b) => a.at - b.at);
}

function audit(
  records: readonly DeliveredTimer[],
  sent: ReadonlyMap<string, SentTimer>,
  plans: readonly Plan[],
  life: TimerLife,
): TimerReport {
  const faults: string[] = [];
  const copies = copiesOf(records);
  const isAcked = (id: string): boolean => (sent.get(id)?.ackedAt ?? Infinity) !== Infinity;
  const cancels = new Map(plans.flatMap(({ id, cancels: target }) => (target === undefined ? [] : [[target, id]])));
  const report = {
    acked: 0,
    cancelled: 0,
    early: 0,
    lost: 0,
    twice: 0,
    twiceBeyondWindow: 0,
    cancelledDelivered: 0,
    cancelledTooLate: 0,
  };
  const latenesses: number[] = [];
  for (const { id, deliverTime } of sent.values()) {
    if (id.startsWith('C')) {
      if (copies.has(id)) faults.push(`the cancellation ${id} was delivered`);
      continue;
    }
    const times = (copies.get(id) ?? []).sort((a, b) => a - b);
    const cancellation = cancels.get(id);
    const wasCancelled = cancellation !== undefined && isAcked(cancellation);
    // A cancellation whose answer a crash took may have been stored, or not.
    const mayBeCancelled = cancellation !== undefined && sent.has(cancellation);
    if (isAcked(id)) report.acked++;
    if (wasCancelled) report.cancelled++;
    if (wasCancelled && times.length > 0) {
      const { queueOffset } = sent.get(cancellation) as SentTimer;
      if (times.some((time) => life.hadRead(queueOffset, time))) {
        report.cancelledDelivered++;
        faults.push(`${id} was cancelled and delivered`);
      } else report.cancelledTooLate++;
    }
    if (isAcked(id) && !mayBeCancelled && times.length === 0) {
      report.lost++;
      faults.push(`${id}, due ${deliverTime}, is lost`);
    }
    const early = times.filter((time) => time < deliverTime);
    report.early += early.length;
    if (early.length > 0) faults.push(`${id}, due ${deliverTime}, came at ${early[0]}`);
    if (times[0] !== undefined) latenesses.push(times[0] - deliverTime);
    report.twice += Math.max(0, times.length - 1);
    for (const time of times.slice(0, -1)) {
      if (life.crashes.some(({ kind, time: crash }) => time <= crash && time >= crash - windows[kind])) continue;
      report.twiceBeyondWindow++;
      faults.push(`${id}, due ${deliverTime}, came at ${times.join(' and ')}`);
    }
  }
  latenesses.sort((a, b) => a - b);
  const at = (share: number): number => latenesses[Math.floor(latenesses.length * share)] ?? 0;
  const kills = life.crashes.filter(({ kind }) => kind === 'kill').length;
  return {
    ...report,
    delivered: records.length,
    kills,
    powerCuts: life.crashes.length - kills,
    lateness: { p50: at(0.5), p99: at(0.99) },
    faults: faults.slice(0, 10),
  };
}

/** When the copies of each message were stored. */
function copiesOf(records: readonly DeliveredTimer[]): Map<string, number[]> {
  const copies = new Map<string, number[]>();
  for (const { id, storeTimestamp } of records) {
    const times = copies.get(id);
    if (times === undefined) copies.set(id, [storeTimestamp]);
    else times.push(storeTimestamp);
  }
  return copies;
}
