import type { Clock } from '../../../common/src/index.js';
import type { Connection } from '../../../remoting/src/index.js';
import type { MessageStore } from '../../../store/src/index.js';
import type { BrokerConfig } from '../broker-config.js';
import { DeadlineWheel } from './deadline-wheel.js';

/** A pull that found nothing and waits for a message. */
export interface ParkedPull {
  readonly connection: Connection;
  readonly topic: string;
  readonly queueId: number;
  /** The queue offset it asks for. */
  readonly offset: number;
  /** By consume queue entry; absent = all. */
  readonly matches: ((tagsCode: number) => boolean) | undefined;
  /** By the messages themselves, when `matches` says yes: whether one that came is worth waking up for; absent = each. */
  readonly finds?: () => boolean;
  /** Milliseconds it may wait. */
  readonly timeout: number;
  /** Runs the pull once more, and answers it whatever comes. Called once. */
  readonly wake: () => void;
}

interface Parked {
  readonly pull: ParkedPull;
  readonly queue: Set<Parked>;
  slot: number;
}

/** Arrivals that were missed for whatever reason are found after this long. */
const checkInterval = 5000;
const longestWait = 24 * 3600 * 1000;
export const maxParkedPulls = 100_000;

/**
 * Long polling: pulls parked by topic and queue. A message wakes those it may match at once; the end of the waiting time
 * wakes the rest; the end of their connection forgets them.
 */
export class PullHold {
  private readonly queues = new Map<string, Map<number, Set<Parked>>>();
  private readonly byConnection = new Map<Connection, Set<Parked>>();
  private readonly deadlines: DeadlineWheel<Parked>;
  private readonly stopChecks: () => void;
  private count = 0;

  constructor(
    clock: Clock,
    config: Pick<BrokerConfig, 'longPollingEnable'>,
    private readonly store: Pick<MessageStore, 'maxOffset' | 'onArrival'>,
    private readonly limit = maxParkedPulls,
  ) {
    this.deadlines = new DeadlineWheel(clock, (parked) => this.wake(parked));
    store.onArrival((topic, queueId, maxOffset, tagsCodes) => {
      if (config.longPollingEnable) this.wakeMatching(topic, queueId, maxOffset, tagsCodes);
    });
    const checks = clock.every(checkInterval, () => this.check());
    this.stopChecks = () => checks.cancel();
  }

  get size(): number {
    return this.count;
  }

  /** False when too many are parked already. */
  park(pull: ParkedPull): boolean {
    if (this.count >= this.limit) return false;
    if (pull.connection.closed) return true;
    const queue = this.queueOf(pull.topic, pull.queueId);
    const parked: Parked = { pull, queue, slot: 0 };
    parked.slot = this.deadlines.add(parked, Math.min(pull.timeout, longestWait));
    queue.add(parked);
    this.parkedOf(pull.connection).add(parked);
    this.count++;
    return true;
  }

  /** Wakes what waits in a topic that is no more: it is answered that there is no such topic. */
  wakeTopic(topic: string): void {
    for (const queue of this.queues.get(topic)?.values() ?? []) for (const parked of queue) this.wake(parked);
  }

  /** Forgets all without an answer: their connections are closing. */
  close(): void {
    this.stopChecks();
    this.deadlines.close();
    this.queues.clear();
    this.byConnection.clear();
    this.count = 0;
  }

  private wakeMatching(topic: string, queueId: number, maxOffset: number, tagsCodes: readonly number[]): void {
    const queue = this.queues.get(topic)?.get(queueId);
    if (queue === undefined || queue.size === 0) return;
    for (const parked of queue) {
      const { offset, matches, finds } = parked.pull;
      if (maxOffset <= offset || (matches !== undefined && !tagsCodes.some(matches))) continue;
      if (finds === undefined || finds()) this.wake(parked);
    }
  }

  /** Behind the arrivals, as in Java: tags are not known here, so the pull itself looks. */
  private check(): void {
    for (const [topic, queues] of this.queues) {
      for (const [queueId, queue] of queues) {
        const maxOffset = this.store.maxOffset(topic, queueId);
        for (const parked of queue) if (maxOffset > parked.pull.offset) this.wake(parked);
      }
    }
  }

  private wake(parked: Parked): void {
    if (this.remove(parked)) parked.pull.wake();
  }

  private remove(parked: Parked): boolean {
    if (!parked.queue.delete(parked)) return false;
    const { topic, queueId, connection } = parked.pull;
    this.count--;
    this.deadlines.remove(parked, parked.slot);
    this.byConnection.get(connection)?.delete(parked);
    if (parked.queue.size === 0) this.forgetQueue(topic, queueId);
    return true;
  }

  private queueOf(topic: string, queueId: number): Set<Parked> {
    let queues = this.queues.get(topic);
    if (queues === undefined) this.queues.set(topic, (queues = new Map()));
    let queue = queues.get(queueId);
    if (queue === undefined) queues.set(queueId, (queue = new Set()));
    return queue;
  }

  private forgetQueue(topic: string, queueId: number): void {
    const queues = this.queues.get(topic);
    queues?.delete(queueId);
    if (queues?.size === 0) this.queues.delete(topic);
  }

  private parkedOf(connection: Connection): Set<Parked> {
    let set = this.byConnection.get(connection);
    if (set === undefined) {
      this.byConnection.set(connection, (set = new Set()));
      connection.onClose(() => {
        for (const parked of this.byConnection.get(connection) ?? []) this.remove(parked);
        this.byConnection.delete(connection);
      });
    }
    return set;
  }
}
