import type { Clock, Logger } from '../../../common/src/index.js';

/** A lock that is not renewed ends after this long; members renew theirs every 20 s. */
export const lockLease = 60_000;
/** Most locks at a time. */
const maxLocks = 1_000_000;

/** What is locked: a queue, for one group. */
export interface LockedQueue {
  readonly group: string;
  readonly topic: string;
  readonly queueId: number;
}

interface Lock {
  clientId: string;
  /** Monotonic: a clock that jumps must neither take a queue from its holder nor leave it with one that is gone. */
  renewed: number;
}

/** Which member of an orderly group holds which queue. In memory only: after a restart members ask again. */
export class QueueLockTable {
  /** By group, then "queue id@topic". */
  private readonly locks = new Map<string, Map<string, Lock>>();
  private size = 0;

  constructor(
    private readonly clock: Clock,
    private readonly log: Logger,
    private readonly limit = maxLocks,
  ) {}

  /** Locks the queue for the client, or renews its lock. Undefined when it holds the queue now, else who does. */
  lock(queue: LockedQueue, clientId: string): string | undefined {
    const locks = this.locks.get(queue.group);
    const known = locks?.get(keyOf(queue));
    if (known === undefined) return this.add(queue, clientId);
    if (known.clientId !== clientId) {
      if (!this.isExpired(known)) return known.clientId;
      this.log.warn('a queue lock that has expired goes over', { ...queue, from: known.clientId, to: clientId });
      known.clientId = clientId;
    }
    known.renewed = this.clock.monotonic();
    return undefined;
  }

  /** Only the holder unlocks a queue. */
  unlock(queue: LockedQueue, clientId: string): void {
    const locks = this.locks.get(queue.group);
    if (locks?.get(keyOf(queue))?.clientId !== clientId) return;
    this.remove(queue.group, locks, keyOf(queue));
    this.log.info('a queue is unlocked', { ...queue, clientId });
  }

  /** Whether a member of the group holds any queue: then the group consumes in order. */
  isHeld(group: string): boolean {
    for (const lock of this.locks.get(group)?.values() ?? []) if (!this.isExpired(lock)) return true;
    return false;
  }

  /** Forgets locks that nobody renewed. */
  expire(): void {
    for (const [group, locks] of this.locks) {
      for (const [key, lock] of locks) if (this.isExpired(lock)) this.remove(group, locks, key);
    }
  }

  private add(queue: LockedQueue, clientId: string): string | undefined {
    if (this.size >= this.limit) {
      this.log.warn('a queue is not locked: there are too many locks', { ...queue, limit: this.limit });
      return 'nobody';
    }
    let locks = this.locks.get(queue.group);
    if (locks === undefined) this.locks.set(queue.group, (locks = new Map()));
    locks.set(keyOf(queue), { clientId, renewed: this.clock.monotonic() });
    this.size++;
    this.log.info('a queue is locked', { ...queue, clientId });
    return undefined;
  }

  private remove(group: string, locks: Map<string, Lock>, key: string): void {
    if (locks.delete(key)) this.size--;
    if (locks.size === 0) this.locks.delete(group);
  }

  private isExpired({ renewed }: Lock): boolean {
    return this.clock.monotonic() - renewed > lockLease;
  }
}

function keyOf({ topic, queueId }: LockedQueue): string {
  return `${queueId}@${topic}`;
}
