import { messageOf, type Clock, type Logger, type Timer } from '../../common/src/index.js';
import { heartBeat, unregisterClient, type ConsumerData, type Heartbeat } from '../../protocol/src/index.js';
import type { RemotingClient } from '../../remoting/src/index.js';
import { masterId, type BrokerAddress } from './route/index.js';

interface Parts {
  readonly clientId: string;
  readonly remoting: Pick<RemotingClient, 'call' | 'connection'>;
  readonly brokers: () => readonly BrokerAddress[];
  readonly clock: Clock;
  readonly log: Logger;
  readonly interval: number;
  readonly timeout: number;
}

/** After a lost connection: time for the broker to notice, too. */
const beatSoonAfter = 1_000;

/**
 * Tells every broker in use which groups this client belongs to: every `interval`, and at once when a group, a
 * subscription or a broker comes. Brokers that hear nothing forget the client and give its queues to others.
 */
export class Membership {
  readonly #producers = new Map<string, number>();
  readonly #consumers = new Map<string, () => ConsumerData>();
  readonly #silent = new Set<string>();
  #every: Timer | undefined;
  #soon: Timer | undefined;
  #beating: Promise<void> | undefined;
  #again: Promise<void> | undefined;
  #closed = false;

  constructor(private readonly parts: Parts) {}

  start(): void {
    this.#every ??= this.parts.clock.every(this.parts.interval, () => void this.beat());
  }

  close(): void {
    this.#closed = true;
    this.#every?.cancel();
    this.#soon?.cancel();
  }

  /** Producers of one group may be several: the last to leave unregisters it. */
  addProducer(group: string): void {
    this.#producers.set(group, (this.#producers.get(group) ?? 0) + 1);
  }

  async removeProducer(group: string): Promise<void> {
    const rest = (this.#producers.get(group) ?? 0) - 1;
    if (rest > 0) {
      this.#producers.set(group, rest);
      return;
    }
    this.#producers.delete(group);
    await this.#unregister({ producerGroup: group });
  }

  addConsumer(group: string, describe: () => ConsumerData): void {
    this.#consumers.set(group, describe);
  }

  async removeConsumer(group: string): Promise<void> {
    if (this.#consumers.delete(group)) await this.#unregister({ consumerGroup: group });
  }

  /** Resolves when every broker in use was told, or failed to answer. What changes meanwhile is told in a second round. */
  beat(): Promise<void> {
    if (this.#beating === undefined) {
      this.#beating = this.#beatAll().finally(() => {
        this.#beating = undefined;
      });
      return this.#beating;
    }
    this.#again ??= this.#beating.then(() => {
      this.#again = undefined;
      return this.beat();
    });
    return this.#again;
  }

  /** A broker may have forgotten us. */
  beatSoon(): void {
    if (this.#closed || this.#soon !== undefined) return;
    this.#soon = this.parts.clock.after(beatSoonAfter, () => {
      this.#soon = undefined;
      void this.beat();
    });
  }

  async #beatAll(): Promise<void> {
    if (this.#closed || (this.#producers.size === 0 && this.#consumers.size === 0)) return;
    const body: Heartbeat = {
      clientID: this.parts.clientId,
      producerDataSet: [...this.#producers.keys()].map((groupName) => ({ groupName })),
      consumerDataSet: [...this.#consumers.values()].map((describe) => describe()),
    };
    // Slaves serve readers only.
    const brokers = this.parts.brokers().filter((broker) => this.#consumers.size > 0 || broker.brokerId === masterId);
    await Promise.all(brokers.map((broker) => this.#beatOne(broker, body)));
  }

  async #beatOne({ brokerName, address }: BrokerAddress, body: Heartbeat): Promise<void> {
    try {
      await this.parts.remoting.call(address, heartBeat, {}, { body, timeout: this.parts.timeout });
      if (this.#silent.delete(address)) this.parts.log.info('broker answers heartbeats again', { brokerName, address });
    } catch (error) {
      if (this.#closed) return;
      // Once per outage, not once per round.
      const level = this.#silent.has(address) ? 'debug' : 'warn';
      this.#silent.add(address);
      this.parts.log[level]('heartbeat failed', { brokerName, address, error: messageOf(error) });
    }
  }

  async #unregister(groups: { producerGroup?: string; consumerGroup?: string }): Promise<void> {
    const { clientId, timeout, log, remoting } = this.parts;
    const header = { clientID: clientId, ...groups };
    // A broker without a connection to us has forgotten us when the connection ended.
    const connected = this.parts.brokers().filter(({ address }) => remoting.connection(address) !== undefined);
    await Promise.all(
      connected.map(async ({ brokerName, address }) => {
        try {
          await remoting.call(address, unregisterClient, header, { timeout });
        } catch (error) {
          log.debug('not unregistered: the broker will notice by itself', { brokerName, error: messageOf(error) });
        }
      }),
    );
  }
}
