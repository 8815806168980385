import { messageOf, type Timer } from '../../../common/src/index.js';
import { lockBatchMq, unlockBatchMq } from '../../../protocol/src/index.js';
import { vipAddress, type ClientCore } from '../client-core.js';
import type { MessageQueue } from '../contract/index.js';
import { byBrokerName, queueKey } from '../message-queue.js';
import { ThrottledLog } from '../throttled-log.js';
import type { HeldQueue } from './held-queue.js';

interface Parts {
  readonly core: ClientCore;
  readonly group: string;
  /** The broker gave the queue to somebody else. */
  readonly onLost: (held: HeldQueue) => void;
  /** The broker locked a queue again whose lock was not to be trusted any more: others may have had it meanwhile. */
  readonly onRegained: (held: HeldQueue) => void;
}

/** A broker's lock lasts 60 s. */
const renewInterval = 20_000;
/** After a broker that did not answer. */
const renewAgainAfter = 1_000;
/** Half of a broker's lock: what was not renewed for longer may soon be, or be already, somebody else's. */
const trustedFor = 30_000;

/** Whether the broker's lock of the queue is ours for sure. */
export function isLocked(held: HeldQueue, now: number): boolean {
  return now - held.lockedAt <= trustedFor;
}

/**
 * Locks of an orderly group's queues, which brokers lend to one member at a time. Time is counted from when a lock was
 * asked for, on the monotonic clock: the broker counts from later, and a wall clock that is set changes nothing.
 */
export class QueueLocks {
  readonly #kept = new Set<HeldQueue>();
  readonly #log: ThrottledLog;
  #every: Timer | undefined;
  #soon: Timer | undefined;
  #closed = false;

  constructor(private readonly parts: Parts) {
    this.#log = new ThrottledLog(parts.core.clock, parts.core.log);
  }

  start(): void {
    this.#every ??= this.parts.core.clock.every(renewInterval, () => void this.renew());
  }

  close(): void {
    this.#closed = true;
    this.#every?.cancel();
    this.#soon?.cancel();
  }

  /** Asks for locks. Returns when each of those that were given was asked for, by queue key. Never rejects. */
  async acquire(queues: readonly MessageQueue[]): Promise<ReadonlyMap<string, number>> {
    const locked = new Map<string, number>();
    const asked = [...byBrokerName(queues, (queue) => queue)].map(async ([brokerName, ofBroker]) => {
      const askedAt = this.parts.core.clock.monotonic();
      const answer = await this.#lock(brokerName, ofBroker);
      for (const queue of answer ?? []) locked.set(queueKey(queue), askedAt);
    });
    await Promise.all(asked);
    return locked;
  }

  /** From now on the lock is renewed, until it is given back. */
  keep(held: HeldQueue, lockedAt: number): void {
    this.#kept.add(held);
    this.#confirm(held, lockedAt);
  }

  /** The lock is not renewed any more. Returns false when it was not before. */
  drop(held: HeldQueue): boolean {
    held.lockedAt = -Infinity;
    return this.#kept.delete(held);
  }

  /** Gives locks back. Never rejects: a lock whose broker is not reached ends by itself. */
  async release(queues: readonly MessageQueue[]): Promise<void> {
    const told = [...byBrokerName(queues, (queue) => queue)].map(async ([brokerName, ofBroker]) => {
      try {
        const { remoting } = this.parts.core;
        await remoting.oneWay(this.#master(brokerName), unlockBatchMq, {}, { body: this.#body(ofBroker) });
      } catch (error) {
        this.#failed('queues not unlocked; their locks end within a minute', brokerName, error);
      }
    });
    await Promise.all(told);
  }

  /** All that are kept, one request per broker. */
  async renew(): Promise<void> {
    const byBroker = byBrokerName(this.#kept, (held) => held.queue);
    await Promise.all([...byBroker].map(([brokerName, helds]) => this.#renewAt(brokerName, helds)));
  }

  async #renewAt(brokerName: string, helds: readonly HeldQueue[]): Promise<void> {
    const { clock } = this.parts.core;
    const askedAt = clock.monotonic();
    const answer = await this.#lock(
      brokerName,
      helds.map((held) => held.queue),
    );
    if (answer === undefined) return this.#renewSoon();
    const locked = new Set(answer.map(queueKey));
    for (const held of helds) {
      if (!this.#kept.has(held)) continue;
      if (!locked.has(queueKey(held.queue))) this.parts.onLost(held);
      else {
        const wasTrusted = isLocked(held, clock.monotonic());
        this.#confirm(held, askedAt);
        if (!wasTrusted) this.parts.onRegained(held);
      }
    }
  }

  #renewSoon(): void {
    if (this.#closed) return;
    this.#soon ??= this.parts.core.clock.after(renewAgainAfter, () => {
      this.#soon = undefined;
      void this.renew();
    });
  }

  #confirm(held: HeldQueue, lockedAt: number): void {
    held.lockedAt = lockedAt;
    held.lastLockTimestamp = this.parts.core.clock.now();
  }

  /** Undefined when the broker cannot be asked. */
  async #lock(brokerName: string, queues: readonly MessageQueue[]): Promise<readonly MessageQueue[] | undefined> {
    const { remoting, settings } = this.parts.core;
    try {
      const call = { body: this.#body(queues), timeout: settings.requestTimeout };
      const reply = await remoting.call(this.#master(brokerName), lockBatchMq, {}, call);
      return reply.body.lockOKMQSet;
    } catch (error) {
      this.#failed('queues not locked', brokerName, error);
      return undefined;
    }
  }

  #body(mqSet: readonly MessageQueue[]) {
    const { core, group } = this.parts;
    return { clientId: core.settings.clientId, consumerGroup: group, mqSet, onlyThisBroker: false };
  }

  #master(brokerName: string): string {
    const address = this.parts.core.routes.masterOf(brokerName);
    if (address !== undefined) return vipAddress(address, this.parts.core.settings.vipChannelEnabled);
    throw new Error(`The broker[${brokerName}] has no master that is registered now`);
  }

  #failed(what: string, brokerName: string, error: unknown): void {
    this.#log.warn(what, () => ({ group: this.parts.group, broker: brokerName, error: messageOf(error) }));
  }
}
