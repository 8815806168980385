import type { CrashPlan } from '../../../libs/testkit/src/index.js';
import type { SentMessage } from './sent-messages.js';
import type { StoreLife } from './store-life.js';

type History = Pick<StoreLife, 'claims' | 'deletions'>;

/** Whether its topic was deleted, or about to be: then its queues may be gone, or come back with a rebuild. */
export function isDeleted({ deletions }: History, { id, message }: SentMessage, moment: number): boolean {
  return deletions.some(
    (each) => each.moment <= moment && each.topic === message.topic && Number(id) < each.sentBefore,
  );
}

/** Records before it may have been removed by retention. */
export function expiredOffset({ claims }: History, moment: number): number {
  let expired = 0;
  for (const claim of claims) {
    expired = Math.max(expired, claim.logMinOffset);
    // What was under way at the moment shows in the first claim behind it.
    if (claim.moment > moment) break;
  }
  return expired;
}

/** What the store had called flushed. */
export function flushedOffset({ claims }: History, moment: number): number {
  return Math.max(0, ...claims.filter((claim) => claim.moment <= moment).map((claim) => claim.flushedOffset));
}

/** Acknowledged in time, and neither deleted nor expired. */
export function isAcked(life: History, each: SentMessage, moment: number): boolean {
  if (each.ackedAt > moment || isDeleted(life, each, moment)) return false;
  return each.physicalOffset >= expiredOffset(life, moment);
}

/** Acknowledged, and with what the flush mode promises against this kind of crash. */
export function isPromised(life: History, each: SentMessage, plan: CrashPlan): boolean {
  if (!isAcked(life, each, plan.moment)) return false;
  return plan.kind === 'kill' || each.isSynced || each.physicalOffset < flushedOffset(life, plan.moment);
}
