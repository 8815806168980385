import { messageOf, type Timer } from '../../../common/src/index.js';
import { getConsumerListByGroup } from '../../../protocol/src/index.js';
import { isRetryTopic } from '../../../protocol/src/message/index.js';
import type { ClientCore } from '../client-core.js';
import type { AllocateStrategy, MessageModel, MessageQueue } from '../contract/index.js';
import { compareQueues, describeQueue, queueKey } from '../message-queue.js';
import { ThrottledLog } from '../throttled-log.js';
import { allocateQueues } from './allocation/index.js';
import { HeldQueue } from './held-queue.js';

interface Parts {
  readonly core: ClientCore;
  readonly group: string;
  readonly messageModel: MessageModel;
  /** How the members of a clustering group share queues. */
  readonly strategy: AllocateStrategy;
  readonly subscribedTopics: () => readonly string[];
  /** Where to begin with a queue. Rejects when that cannot be told now. */
  readonly startOffsetOf: (queue: MessageQueue) => Promise<number>;
  readonly onClaimed: (held: HeldQueue) => void;
  readonly onReleased: (held: HeldQueue) => void;
}

const rebalanceInterval = 20_000;
/** A subscribed topic that is not found is looked for this often: its first message should not wait for a poll. */
const missingTopicInterval = 5_000;
/** After a queue could not be begun. */
const retryDelay = 1_000;

/**
 * Which queues this consumer holds. One function, `#decide`, compares what should be with what is and acts on the
 * difference; whatever happens (time, a notice from a broker, a subscription, a route) only makes it run again. It runs
 * one at a time.
 */
export class Assignment {
  readonly #held = new Map<string, HeldQueue>();
  #every: Timer | undefined;
  #later: Timer | undefined;
  #deciding: Promise<void> | undefined;
  #dirty = false;
  #stopped = false;
  /** Topics whose last look failed: said once. */
  readonly #failing = new Set<string>();
  readonly #membersLog: ThrottledLog;

  constructor(private readonly parts: Parts) {
    this.#membersLog = new ThrottledLog(parts.core.clock, parts.core.log);
  }

  /** Queues held now, sorted. */
  get queues(): HeldQueue[] {
    return [...this.#held.values()].toSorted((a, b) => compareQueues(a.queue, b.queue));
  }

  /** Resolves after the first decision. */
  start(): Promise<void> {
    this.#every = this.parts.core.clock.every(rebalanceInterval, () => void this.wake());
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

  releaseAll(): void {
    for (const held of this.#held.values()) this.#release(held);
  }

  /** Starts over with a queue at another offset. Nothing of what was pulled before is handled or committed any more. */
  restart(held: HeldQueue, offset: number): void {
    if (held.released || this.#stopped) return;
    held.release();
    this.#claim(held.queue, offset);
  }

  async #decideWhileDirty(): Promise<void> {
    while (this.#dirty && !this.#stopped) {
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
    await Promise.all(missing.map((queue) => this.#begin(queue)));
  }

  async #begin(queue: MessageQueue): Promise<void> {
    try {
      const offset = await this.parts.startOffsetOf(queue);
      if (!this.#stopped) this.#claim(queue, offset);
    } catch (error) {
      this.#warn('queue not begun: its offset cannot be told now', {
        queue: describeQueue(queue),
        error: messageOf(error),
      });
      this.#wakeIn(retryDelay);
    }
  }

  #claim(queue: MessageQueue, offset: number): void {
    const held = new HeldQueue(queue, offset, this.parts.core.clock.now());
    this.#held.set(queueKey(queue), held);
    this.#debug('queue claimed', { queue: describeQueue(queue), offset });
    this.parts.onClaimed(held);
  }

  #release(held: HeldQueue): void {
    this.#held.delete(queueKey(held.queue));
    held.release();
    this.#debug('queue released', { queue: describeQueue(held.queue) });
    this.parts.onReleased(held);
  }

  #wakeIn(delay: number): void {
    if (this.#stopped || this.#later !== undefined) return;
    this.#later = this.parts.core.clock.after(delay, () => {
      this.#later = undefined;
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
