import { Injectable } from '@nestjs/common';
import { codeOf, messageOf, pause, RocketMQError, systemClock } from '../../libs/common/src/index.js';
import type { PullConsumer, ReceivedMessage } from '../../libs/client/src/index.js';
import { RocketMQConnection } from '../connection/rocketmq-connection.js';
import { ConsumerLag } from '../health/consumer-lag.js';
import { payloadDecoder } from '../listener/payload-decoding.js';

/** A message as a test looks at it. */
export interface CollectedMessage {
  /** By the application's codec when the message names one; JSON objects and arrays as such, any other body as text. */
  readonly payload: unknown;
  readonly tags: string | undefined;
  readonly keys: readonly string[];
  readonly message: ReceivedMessage;
}

/** Of one `collect`. */
export interface CollectOptions {
  /** Milliseconds to wait for the last of them. Default 10,000. */
  readonly timeout?: number;
}

const pollInterval = 10;
const defaultTimeout = 10_000;
/** For the broker of a test to tell the lag, milliseconds. */
const brokersPatience = 3000;
const testGroup = 'nestjs-rocketmq-testing';

/** Of one `waitFor` or `caughtUp`. */
export interface WaitOptions {
  /** Milliseconds. Default 10,000. */
  readonly timeout?: number;
}

/** Looks at what an application under test has sent, without taking part in its consumer groups. */
@Injectable()
export class RocketMQTesting {
  /** Next offset of each queue, 'topic/broker/queue'. */
  readonly #positions = new Map<string, number>();
  readonly #turns = new Map<string, Promise<unknown>>();
  #consumer: Promise<PullConsumer> | undefined;

  /** @internal */
  constructor(
    private readonly connection: RocketMQConnection,
    private readonly consumerLag: ConsumerLag,
  ) {}

  /**
   * The next `count` messages of `topic` that no earlier call has collected, oldest first within a queue. Each message is
   * collected once, whether it was sent before or after the call.
   *
   * @throws RocketMQError TIMEOUT saying how many came in time.
   */
  collect(
    topic: string,
    count: number,
    { timeout = defaultTimeout }: CollectOptions = {},
  ): Promise<CollectedMessage[]> {
    const before = this.#turns.get(topic) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(() => this.#collect(topic, count, timeout));
    this.#turns.set(topic, turn);
    return turn;
  }

  /**
   * Asks `condition` again and again until it holds: it may be async, and holds when it neither throws nor returns
   * `false`. Resolves to what it returned then.
   *
   * @example
   * ```ts
   * await testing.waitFor(() => expect(app.get(Billing).paid).toEqual([42]));
   * ```
   * @throws RocketMQError TIMEOUT with what `condition` last threw as its cause.
   */
  async waitFor<T>(condition: () => T | Promise<T>, { timeout = defaultTimeout }: WaitOptions = {}): Promise<T> {
    const deadline = systemClock.monotonic() + timeout;
    for (;;) {
      let problem: unknown;
      try {
        const value = await condition();
        if (value !== false) return value;
      } catch (error) {
        if (isWrongCall(error)) throw error;
        problem = error;
      }
      if (systemClock.monotonic() > deadline) {
        const why = problem === undefined ? 'it returned false' : messageOf(problem);
        throw new RocketMQError('TIMEOUT', `waitFor: did not hold within ${timeout} ms: ${why}`, { cause: problem });
      }
      await pause(systemClock, pollInterval);
    }
  }

  /**
   * Resolves when the listeners of a group have consumed, or given back to come again, all that was sent to them so far.
   *
   * @throws RocketMQError TIMEOUT saying what is left; ARGUMENT_INVALID when the application has no such group.
   */
  async caughtUp(consumerGroup: string, { timeout = defaultTimeout }: WaitOptions = {}): Promise<void> {
    await this.waitFor(() => this.#isCaughtUp(consumerGroup), { timeout });
  }

  async #isCaughtUp(consumerGroup: string): Promise<void> {
    const groups = await this.consumerLag.measure(brokersPatience);
    const group = groups.find((one) => one.consumerGroup === consumerGroup);
    if (group === undefined) {
      const known = groups.map((one) => one.consumerGroup).join(', ') || 'none';
      throw new RocketMQError('ARGUMENT_INVALID', `There is no consumer group '${consumerGroup}'; groups: ${known}`);
    }
    const { state, topics } = group;
    if (topics.length === 0) throw new Error(`group '${consumerGroup}' (${state}) has no queue yet`);
    const behind = topics.find(({ lag, inFlight }) => lag !== 0 || inFlight > 0);
    if (behind === undefined) return;
    const { topic, lag, inFlight, problem } = behind;
    const what = lag === undefined ? `an unknown number of messages (${problem})` : `${lag} messages`;
    throw new Error(`group '${consumerGroup}' (${state}) has ${what} of '${topic}' before it, ${inFlight} in flight`);
  }

  async #collect(topic: string, count: number, timeout: number): Promise<CollectedMessage[]> {
    const deadline = systemClock.monotonic() + timeout;
    const collected: CollectedMessage[] = [];
    while (collected.length < count) {
      const found = await this.#pullOnce(topic, count - collected.length);
      collected.push(...found);
      if (found.length > 0) continue;
      if (systemClock.monotonic() > deadline) {
        throw new RocketMQError(
          'TIMEOUT',
          `Collected ${collected.length} of ${count} messages of '${topic}' in ${timeout} ms`,
        );
      }
      await pause(systemClock, pollInterval);
    }
    return collected;
  }

  async #pullOnce(topic: string, most: number): Promise<CollectedMessage[]> {
    const consumer = await this.#pullConsumer();
    const collected: CollectedMessage[] = [];
    for (const queue of await queuesOf(consumer, topic)) {
      if (collected.length >= most) break;
      const key = `${queue.topic}/${queue.brokerName}/${queue.queueId}`;
      const result = await consumer.pull(queue, this.#positions.get(key) ?? 0, {
        maxNums: Math.min(32, most - collected.length),
      });
      this.#positions.set(key, result.nextBeginOffset);
      collected.push(...result.messages.map((message) => this.#asCollected(message)));
    }
    return collected;
  }

  #asCollected(message: ReceivedMessage): CollectedMessage {
    const { tags, keys } = message;
    return { payload: payloadDecoder(undefined, this.connection.codecs)(message), tags, keys, message };
  }

  #pullConsumer(): Promise<PullConsumer> {
    this.#consumer ??= (async () => {
      const { client } = await this.connection.session();
      const consumer = client.createPullConsumer({ consumerGroup: testGroup });
      await consumer.start();
      return consumer;
    })();
    return this.#consumer;
  }
}

/** Waiting does not help. */
function isWrongCall(error: unknown): boolean {
  return error instanceof RocketMQError && error.code === 'ARGUMENT_INVALID';
}

/** None while nobody has sent to the topic. */
async function queuesOf(consumer: PullConsumer, topic: string) {
  try {
    return await consumer.fetchSubscribeMessageQueues(topic);
  } catch (error) {
    if (codeOf(error) === 'TOPIC_NOT_FOUND') return [];
    throw error;
  }
}
