import { Injectable } from '@nestjs/common';
import { messageOf, pause, systemClock } from '../../libs/common/src/index.js';
import type { QueueProgress, RocketMQClient } from '../../libs/client/src/index.js';
import { RocketMQConnections } from '../connection/rocketmq-connections.js';
import { type ConsumerGroupState, RocketMQListeners } from '../listener/rocketmq-listeners.js';

/** What of one topic a group still has before it. Of the queues that this application holds. */
export interface TopicLag {
  /** `%RETRY%<group>` for messages that come again. */
  readonly topic: string;
  /** Stored, and not consumed; undefined when a broker did not tell. */
  readonly lag: number | undefined;
  /** Of these, pulled: waiting here, or with a handler. */
  readonly inFlight: number;
  /** Why a broker did not tell. */
  readonly problem: string | undefined;
}

/** A group, and what it has before it. */
export interface GroupLag extends Omit<ConsumerGroupState, 'progress'> {
  readonly topics: readonly TopicLag[];
}

interface QueueLag {
  readonly lag: number | undefined;
  readonly problem: string | undefined;
}

/** Asks brokers how far behind the listeners of this application are. */
@Injectable()
export class ConsumerLag {
  #measuring: Promise<readonly GroupLag[]> | undefined;

  constructor(
    private readonly listeners: RocketMQListeners,
    private readonly connections: RocketMQConnections,
  ) {}

  /**
   * One request for each queue held. Whoever asks meanwhile gets the same answer. Never rejects.
   *
   * @param timeout - Milliseconds to wait for brokers.
   */
  measure(timeout: number): Promise<readonly GroupLag[]> {
    this.#measuring ??= this.#measure(timeout).finally(() => (this.#measuring = undefined));
    return this.#measuring;
  }

  async #measure(timeout: number): Promise<readonly GroupLag[]> {
    const given = new AbortController();
    const late = pause(systemClock, timeout, given.signal);
    try {
      return await Promise.all(
        this.listeners.groupStates.map(async ({ progress, ...group }) => {
          const { client } = this.connections.of(group.connection);
          return { ...group, topics: await topicsOf(client, progress, late, timeout) };
        }),
      );
    } finally {
      given.abort();
    }
  }
}

const notConnected: QueueLag = { lag: undefined, problem: 'not connected' };

async function topicsOf(
  client: RocketMQClient | undefined,
  progress: readonly QueueProgress[],
  late: Promise<void>,
  timeout: number,
): Promise<TopicLag[]> {
  const tooLate = late.then((): QueueLag => ({ lag: undefined, problem: `no answer within ${timeout} ms` }));
  const queues = await Promise.all(
    progress.map(async (queue) => (client ? Promise.race([lagOf(client, queue), tooLate]) : notConnected)),
  );
  const topics = new Map<string, TopicLag>();
  for (const [i, { messageQueue, cached }] of progress.entries()) {
    const { topic } = messageQueue;
    const sum = topics.get(topic) ?? { topic, lag: 0, inFlight: 0, problem: undefined };
    const { lag, problem } = queues[i] ?? notConnected;
    topics.set(topic, {
      topic,
      lag: lag === undefined || sum.lag === undefined ? undefined : sum.lag + lag,
      inFlight: sum.inFlight + cached,
      problem: sum.problem ?? problem,
    });
  }
  return [...topics.values()];
}

async function lagOf(client: RocketMQClient, { messageQueue, consumerOffset }: QueueProgress): Promise<QueueLag> {
  try {
    const lag = (await client.admin.maxOffset(messageQueue)) - consumerOffset;
    return { lag: Math.max(0, lag), problem: undefined };
  } catch (error) {
    return { lag: undefined, problem: messageOf(error) };
  }
}
