import { messageOf, pause, type Timer } from '../../../common/src/index.js';
import { getConsumerListByGroup } from '../../../protocol/src/index.js';
import { isRetryTopic } from '../../../protocol/src/message/index.js';
import type { ClientCore } from '../client-core.js';
import type { AllocateStrategy, MessageModel, MessageQueue } from '../contract/index.js';
import { compareQueues, describeQueue, queueKey } from '../message-queue.js';
import { ThrottledLog } from '../throttled-log.js';
import { allocateQueues } from './allocation/index.js';
import { HeldQueue } from './held-queue.js';
import { QueueLocks } from './queue-locks.js';

interface Parts {
  readonly core: ClientCore;
  readonly group: string;
  readonly messageModel: MessageModel;
  /** How the members of a clustering group share queues. */
  readonly strategy: AllocateStrategy;
  /** True: a queue is held only while its broker has locked it for us. */
  readonly locksQueues: boolean;
  readonly subscribedTopics: () => readonly string[];
  /** Where to begin with a queue. Rejects when that cannot be told now. */
  readonly startOffsetOf: (queue: MessageQueue) => Promise<number>;
  /** Where to go on with a queue that others may have consumed from meanwhile. Rejects likewise. */
  readonly resumeOffsetOf: (queue: MessageQueue) => Promise<number>;
  readonly onClaimed: (held: HeldQueue) => void;
  /** Nothing more of the queue is handed out. What handlers finish counts until it is disowned. */
  readonly onReleased: (held: HeldQueue) => void;
  /** The queue is somebody else's when this resolves, or is already when it is disowned. Never rejects. */
  readonly onLeft: (held: HeldQueue) => Promise<void>;
}

const rebalanceInterval = 20_000;
/** Between the beginnings of two looks. */
const shortestInterval = 1_000;
/** A subscribed topic that is not found is looked for this often: its first message should not wait for a poll. */
const missingTopicInterval = 5_000;
/** After a queue could not be begun, or not be locked. */
const retryDelay = 1_000;

/**
 * Which queues this consumer holds. One function, `#decide`, compares what should be with what is and acts on the
 * difference; whatever happens (time, a notice from a broker, a subscription, a route) only makes it run again. It runs
 * one at a time, and begins at most once a second.
 *
 * A queue of an orderly group is claimed with its broker's lock, and let go only when the handler at work on it has ended:
 * nobody may overtake it. Until then it is among those that are left.
 */
export class Assignment {
  readonly #held = new Map<string, HeldQueue>();
  /** Queues that are not ours any more, but that nobody else may have yet. */
  readonly #leaving = new Set<string>();
  readonly #locks: QueueLocks | undefined;
  #every: Timer | undefined;
  #later: Timer | undefined;
  #laterDue = Infinity;
  #deciding: Promise<void> | undefined;
  #dirty = false;
  #decidedAt = -Infinity;
  #stopped = false;
  /** Topics whose last look failed: said once. */
  readonly #failing = new Set<string>();
  readonly #membersLog: ThrottledLog;

  constructor(private readonly parts: Parts) {
    const { core, group } = parts;
    this.#membersLog = new ThrottledLog(core.clock, core.log);
    if (!parts.locksQueues) return;
    this.#locks = new QueueLocks({
      core,
      group,
      onLost: (held) => this.#lockLost(held),
      onRegained: (held) => void this.#lockRegained(held),
    });
  }

  /** Queues held now, sorted. */
  get queues(): HeldQueue[] {
    return [...this.#held.values()].toSorted((a, b) => compareQueues(a.queue, b.queue));
  }

  /** How many they are. */
  get size(): number {
    return this.#held.size;
  }

  /** Resolves after the first decision. */
  start(): Promise<void> {
    this.#every = this.parts.core.clock.every(rebalanceInterval, () => void this.wake());
    this.#locks?.start();
    return this.wake();
  }

  /** Something may have changed. Resolves when that has been looked at. Never rejects. */
  wake(): Promise<void> {
    this.#dirty = true;
    this.#deciding ??= this.#decideWhileDirty().finally(() => {
      this.#deciding = undefined;
    });
    return this.#deciding;
  }

  /** No queue is claimed or released any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#every?.cancel();
    this.#later?.cancel();
    await this.#deciding;
  }

  /**
   * The end. Queues that handlers are still at work on keep their locks, which end by themselves: by then this process
   * should be gone.
   */
  async releaseAll(): Promise<void> {
    const quiet = [...this.#held.values()].filter((held) => held.handlers === 0);
    for (const held of this.#held.values()) this.#let(held);
    await Promise.all([...this.#held.values()].map((held) => this.parts.onLeft(held)));
    for (const held of this.#held.values()) held.disown();
    this.#held.clear();
    this.#locks?.close();
    await this.#locks?.release(quiet.map((held) => held.queue));
  }

  /**
   * Starts over with a queue at another offset. Nothing of what was pulled before is handled or committed any more.
   *
   * @param patience milliseconds to wait for handlers under way; an orderly queue waits until they have ended
   */
  async restart(held: HeldQueue, offset: number, patience: number): Promise<void> {
    if (held.released || this.#stopped) return;
    held.disown();
    this.parts.onReleased(held);
    if (this.#locks !== undefined) await held.quiet();
    else if (patience > 0) await this.#quietWithin(held, patience);
    this.#claimAgain(held, offset);
  }

  async #quietWithin(held: HeldQueue, patience: number): Promise<void> {
    const waited = new AbortController();
    await Promise.race([held.quiet(), pause(this.parts.core.clock, patience, waited.signal)]);
    waited.abort();
  }

  #claimAgain(held: HeldQueue, offset: number): void {
    // It may have been taken away while we waited.
    if (this.#held.get(queueKey(held.queue)) !== held || this.#stopped) return;
    this.#claim(held.queue, offset, held.lockedAt);
    this.#locks?.drop(held);
  }

  async #decideWhileDirty(): Promise<void> {
    while (this.#dirty && !this.#stopped) {
      const { clock } = this.parts.core;
      const since = clock.monotonic() - this.#decidedAt;
      if (since < shortestInterval) return this.#wakeIn(shortestInterval - since);
      this.#decidedAt = clock.monotonic();
      this.#dirty = false;
      await this.#decide();
    }
  }

  async #decide(): Promise<void> {
    const topics = this.parts.subscribedTopics();
    for (const held of this.#held.values()) if (!topics.includes(held.queue.topic)) this.#release(held);
    for (const topic of topics) {
      try {
        const wanted = await this.#wantedQueues(topic);
        // Not to be told now: what is held stays.
        if (wanted !== undefined) await this.#hold(topic, wanted);
        this.#failing.delete(topic);
      } catch (error) {
        const level = this.#failing.has(topic) || this.#stopped ? 'debug' : 'warn';
        this.#failing.add(topic);
        const context = { group: this.parts.group, topic, error: messageOf(error) };
        this.parts.core.log[level]('queues of the topic not learnt; trying again every few seconds', context);
        this.#wakeIn(missingTopicInterval);
      }
    }
  }

  async #wantedQueues(topic: string): Promise<readonly MessageQueue[] | undefined> {
    const { core, messageModel } = this.parts;
    const known = core.routes.known(topic);
    let queues = known?.subscribeQueues;
    if (known === undefined || known.guessed) {
      queues = (await core.routes.refresh(topic))?.subscribeQueues;
      if (queues === undefined) {
        this.#wakeIn(missingTopicInterval);
        if (!isRetryTopic(topic)) this.#debug('the subscribed topic does not exist yet', { topic });
        return undefined;
      }
      // Its brokers must know us before they are asked who belongs to the group.
      await core.membership.beat();
    }
    if (queues === undefined || messageModel === 'BROADCASTING') return queues;
    const members = await this.#members(topic);
    return members && allocateQueues(this.parts.strategy, core.settings.clientId, queues, members);
  }

  /** The group's client ids; undefined when no broker can tell. */
  async #members(topic: string): Promise<readonly string[] | undefined> {
    const members = await this.#askMembers(topic);
    if (members === undefined || members.includes(this.parts.core.settings.clientId)) return members;
    // A broker that was restarted knows nobody. Letting go of the queues before it heard of us would only make
    // messages come twice.
    await this.parts.core.membership.beat();
    return this.#askMembers(topic);
  }

  async #askMembers(topic: string): Promise<readonly string[] | undefined> {
    const { core, group } = this.parts;
    const addresses = core.routes.addressesOf(topic);
    const first = Math.floor(Math.random() * addresses.length);
    for (let i = 0; i < addresses.length; i++) {
      const address = addresses[(first + i) % addresses.length] as string;
      try {
        const timeout = core.settings.requestTimeout;
        const reply = await core.remoting.call(address, getConsumerListByGroup, { consumerGroup: group }, { timeout });
        return reply.body.consumerIdList;
      } catch (error) {
        // Brokers refuse when they know no member of the group at all: this one has not heard of us yet.
        core.membership.beatSoon();
        this.#membersLog.warn('members of the group not learnt from this broker', () => ({
          group,
          topic,
          address,
          error: messageOf(error),
        }));
      }
    }
    this.#wakeIn(retryDelay);
    return undefined;
  }

  async #hold(topic: string, wanted: readonly MessageQueue[]): Promise<void> {
    const keys = new Set(wanted.map(queueKey));
    for (const [key, held] of this.#held) if (held.queue.topic === topic && !keys.has(key)) this.#release(held);
    const missing = wanted.filter((queue) => !this.#held.has(queueKey(queue)));
    if (this.#locks === undefined) {
      await Promise.all(missing.map((queue) => this.#begin(queue, undefined)));
      return;
    }
    const free = missing.filter((queue) => !this.#leaving.has(queueKey(queue)));
    const locked = await this.#locks.acquire(free);
    if (locked.size < missing.length) this.#wakeIn(retryDelay);
    const ours = free.filter((queue) => locked.has(queueKey(queue)));
    await Promise.all(ours.map((queue) => this.#begin(queue, locked.get(queueKey(queue)))));
  }

  async #begin(queue: MessageQueue, lockedAt: number | undefined): Promise<void> {
    try {
      const offset = await this.parts.startOffsetOf(queue);
      if (!this.#stopped) return this.#claim(queue, offset, lockedAt);
    } catch (error) {
      this.#warn('queue not begun: its offset cannot be told now', {
        queue: describeQueue(queue),
        error: messageOf(error),
      });
      this.#wakeIn(retryDelay);
    }
    await this.#locks?.release([queue]);
  }

  #claim(queue: MessageQueue, offset: number, lockedAt: number | undefined): void {
    const held = new HeldQueue(queue, offset, this.parts.core.clock.now());
    this.#held.set(queueKey(queue), held);
    if (lockedAt !== undefined) this.#locks?.keep(held, lockedAt);
    this.#debug('queue claimed', { queue: describeQueue(queue), offset });
    this.parts.onClaimed(held);
  }

  #release(held: HeldQueue): void {
    this.#held.delete(queueKey(held.queue));
    this.#let(held);
    if (this.#locks !== undefined) return void this.#leave(held, this.#locks);
    void this.parts.onLeft(held);
    held.disown();
  }

  #let(held: HeldQueue): void {
    held.release();
    this.#debug('queue released', { queue: describeQueue(held.queue) });
    this.parts.onReleased(held);
  }

  /** The lock is renewed for as long as the handler takes. */
  async #leave(held: HeldQueue, locks: QueueLocks): Promise<void> {
    const key = queueKey(held.queue);
    this.#leaving.add(key);
    await held.quiet();
    await this.parts.onLeft(held);
    held.disown();
    // When the consumer has been closed meanwhile, the lock ends by itself.
    if (locks.drop(held) && !this.#stopped) await locks.release([held.queue]);
    this.#leaving.delete(key);
  }

  /** Another member has it: what we hold of it may be consumed already. The next round asks for it again. */
  #lockLost(held: HeldQueue): void {
    this.#warn('the lock of a queue was lost', { queue: describeQueue(held.queue) });
    this.#locks?.drop(held);
    held.disown();
    if (this.#held.get(queueKey(held.queue)) !== held) return;
    this.#release(held);
    void this.wake();
  }

  /** Another member may have had it: whoever came further says where to go on. */
  async #lockRegained(held: HeldQueue): Promise<void> {
    if (held.released || this.#stopped) return;
    held.release();
    await held.quiet();
    try {
      const offset = await this.parts.resumeOffsetOf(held.queue);
      held.disown();
      this.#claimAgain(held, offset);
    } catch (error) {
      this.#warn('the lock is back, but the offset cannot be told', {
        queue: describeQueue(held.queue),
        error: messageOf(error),
      });
      if (this.#held.get(queueKey(held.queue)) === held) this.#release(held);
      this.#wakeIn(retryDelay);
    }
  }

  /** The sooner of two wins. */
  #wakeIn(delay: number): void {
    const due = this.parts.core.clock.monotonic() + delay;
    if (this.#stopped || due >= this.#laterDue) return;
    this.#later?.cancel();
    this.#laterDue = due;
    this.#later = this.parts.core.clock.after(delay, () => {
      this.#laterDue = Infinity;
      void this.wake();
    });
  }

  #warn(message: string, context: Readonly<Record<string, unknown>>): void {
    if (!this.#stopped) this.parts.core.log.warn(message, { group: this.parts.group, ...context });
  }

  #debug(message: string, context: Readonly<Record<string, unknown>>): void {
    this.parts.core.log.debug(message, { group: this.parts.group, ...context });
  }
}
