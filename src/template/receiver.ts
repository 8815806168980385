import type { LitePullConsumer, MessageQueue, ReceivedMessage } from '../../libs/client/src/index.js';
import { pause, RocketMQError } from '../../libs/common/src/index.js';
import type { RocketMQConnection } from '../connection/rocketmq-connection.js';
import { payloadDecoder } from '../listener/payload-decoding.js';
import { RocketMQOptionsError } from '../options/validate.js';
import { AckLedger, type LedgerEntry } from './ack-ledger.js';
import { RocketMQDelivery } from './delivery.js';
import type { ReceiveOptions } from './receive-options.js';

const defaultMax = 32;
const defaultTimeout = 5000;
/** What is pulled after its receiver gave up waits for the next one; so a poll ends soon. */
const longestPoll = 1000;
const mostUnacked = 10_000;

/** A message, and where its ack counts. */
interface HeldMessage {
  readonly message: ReceivedMessage;
  readonly key: string;
  readonly ledger: AckLedger;
  readonly entry: LedgerEntry;
}

/** The member of one consumer group that `receive` asks. Offsets move by acks alone. */
export class Receiver {
  readonly #what: string;
  readonly #ledgers = new Map<string, AckLedger>();
  /** Pulled, and not asked for yet. */
  #buffer: HeldMessage[] = [];
  #consumer: Promise<LitePullConsumer> | undefined;
  #polling: Promise<void> | undefined;

  constructor(
    private readonly connection: RocketMQConnection,
    private readonly topic: string,
    private readonly first: ReceiveOptions,
  ) {
    this.#what = describe(topic, first);
  }

  /** @throws RocketMQOptionsError when this group was asked for something else before. */
  checkSame(topic: string, options: ReceiveOptions): void {
    const asked = describe(topic, options);
    if (asked === this.#what) return;
    throw new RocketMQOptionsError(
      `RocketMQTemplate.receive: group '${options.group}' cannot receive ${asked}, it receives ${this.#what} already: a group has one subscription`,
    );
  }

  /** None when `timeout` passed without. */
  async receive<T>(options: ReceiveOptions): Promise<RocketMQDelivery<T>[]> {
    const { max = defaultMax, timeout = defaultTimeout, signal } = options;
    signal?.throwIfAborted();
    this.#refuseTooManyUnacked();
    const { clock } = this.connection;
    const deadline = clock.monotonic() + timeout;
    const consumer = await this.#started();
    for (let left = timeout; this.#buffer.length === 0; left = deadline - clock.monotonic()) {
      if (left <= 0 && timeout > 0) return [];
      await this.#somethingArrived(consumer, Math.max(0, left), signal);
      signal?.throwIfAborted();
      if (timeout === 0) break;
    }
    const taken = this.#buffer.splice(0, max);
    while (taken.length > 0 && taken.length < max && (await this.#moreIsHere(consumer))) {
      taken.push(...this.#buffer.splice(0, max - taken.length));
    }
    const decode = payloadDecoder(options.payloadType, this.connection.codecs);
    return taken.map((held) => new RocketMQDelivery<T>(held.message, decode, this.#receiptFor(consumer, held)));
  }

  async #somethingArrived(consumer: LitePullConsumer, left: number, signal: AbortSignal | undefined): Promise<void> {
    const done = new AbortController();
    const given = signal === undefined ? done.signal : AbortSignal.any([signal, done.signal]);
    try {
      const polling = this.#poll(consumer, Math.min(left, longestPoll));
      await Promise.race([polling, pause(this.connection.clock, left, given)]);
    } finally {
      done.abort();
    }
  }

  async #moreIsHere(consumer: LitePullConsumer): Promise<boolean> {
    // Somebody waits already: for what is not here.
    if (this.#polling !== undefined) return false;
    await this.#poll(consumer, 0);
    return this.#buffer.length > 0;
  }

  /** One at a time, so that ledgers see the offsets of a queue in their order. */
  #poll(consumer: LitePullConsumer, timeout: number): Promise<void> {
    this.#polling ??= consumer
      .poll(timeout)
      .then((messages) => {
        for (const message of messages) this.#buffer.push(this.#held(message));
      })
      .finally(() => (this.#polling = undefined));
    return this.#polling;
  }

  #held(message: ReceivedMessage): HeldMessage {
    const { queueOffset } = message;
    const key = keyOf(message);
    let ledger = this.#ledgers.get(key);
    if (ledger === undefined || !ledger.isFollowedBy(queueOffset)) {
      // New here, or given to us again from where it was committed.
      ledger = new AckLedger();
      this.#ledgers.set(key, ledger);
    }
    return { message, key, ledger, entry: ledger.add(queueOffset) };
  }

  #receiptFor(consumer: LitePullConsumer, held: HeldMessage): ConstructorParameters<typeof RocketMQDelivery>[2] {
    let isReleased = false;
    return {
      ack: async () => (isReleased ? undefined : this.#ack(consumer, held)),
      release: () => {
        const isLost = this.#ledgers.get(held.key) !== held.ledger;
        if (isReleased || held.entry.isAcked || isLost) return;
        isReleased = true;
        this.#buffer.unshift(held);
      },
    };
  }

  async #ack(consumer: LitePullConsumer, { message, key, ledger, entry }: HeldMessage): Promise<void> {
    const offset = ledger.ack(entry);
    if (offset === undefined || this.#ledgers.get(key) !== ledger) return;
    const { topic, brokerName, queueId } = message;
    const queue = { topic, brokerName, queueId };
    await this.connection.pending.track(consumer.commitOffsets([[queue, offset]]));
  }

  #started(): Promise<LitePullConsumer> {
    this.#consumer ??= this.#start().catch((error: unknown) => {
      this.#consumer = undefined;
      throw error;
    });
    return this.#consumer;
  }

  async #start(): Promise<LitePullConsumer> {
    const { client } = await this.connection.session();
    const { group, selectorType, selectorExpression, consumeFromWhere } = this.first;
    const consumer = client.createLitePullConsumer({
      consumerGroup: group,
      autoCommit: false,
      pullBatchSize: defaultMax,
      ...(consumeFromWhere !== undefined && { consumeFromWhere }),
    });
    try {
      const selector = { type: selectorType ?? 'TAG', expression: selectorExpression ?? '*' };
      consumer.subscribe(this.topic, selector, (_topic, _all, own) => this.#keepOnly(own));
      await consumer.start();
      return consumer;
    } catch (error) {
      await consumer.close().catch(() => undefined);
      throw error;
    }
  }

  /** What belongs to other members now is theirs to receive. */
  #keepOnly(own: readonly MessageQueue[]): void {
    const keys = new Set(own.map(keyOf));
    for (const key of this.#ledgers.keys()) if (!keys.has(key)) this.#ledgers.delete(key);
    this.#buffer = this.#buffer.filter(({ key }) => keys.has(key));
  }

  #refuseTooManyUnacked(): void {
    let unacked = 0;
    for (const ledger of this.#ledgers.values()) unacked += ledger.unacked;
    if (unacked < mostUnacked) return;
    throw new RocketMQError(
      'TOO_MANY_REQUESTS',
      `RocketMQTemplate.receive: ${unacked} messages of group '${this.first.group}' are not acked; call their ack() first`,
    );
  }
}

function keyOf({ brokerName, queueId }: Pick<MessageQueue, 'brokerName' | 'queueId'>): string {
  return `${brokerName}/${queueId}`;
}

function describe(topic: string, { selectorType = 'TAG', selectorExpression = '*' }: ReceiveOptions): string {
  return `'${topic}' by ${selectorType} '${selectorExpression}'`;
}
