import { RocketMQError, messageOf } from '../../../common/src/index.js';
import {
  ResponseCode,
  queryConsumerOffset,
  updateConsumerOffset,
  type RequestInput,
} from '../../../protocol/src/index.js';
import type { ClientCore } from '../client-core.js';
import type { MessageQueue } from '../contract/index.js';
import { describeQueue } from '../message-queue.js';
import { masterId } from '../route/index.js';
import { ThrottledLog } from '../throttled-log.js';
import type { OffsetStore } from './offset-store.js';
import { OffsetTable } from './offset-table.js';

const timeout = 5_000;

/** Offsets kept by each queue's broker: what the members of a clustering group share. */
export class RemoteOffsetStore implements OffsetStore {
  readonly #table = new OffsetTable();
  readonly #log: ThrottledLog;

  constructor(
    private readonly core: ClientCore,
    private readonly group: string,
    /** True waits for the broker's answer when persisting; false sends one-way, as Java's push consumer does. */
    private readonly acknowledged: boolean,
  ) {
    this.#log = new ThrottledLog(core.clock, core.log);
  }

  load(): Promise<void> {
    return Promise.resolve();
  }

  async read(queue: MessageQueue): Promise<number | undefined> {
    const address = await this.#addressOf(queue);
    const accept = [ResponseCode.QUERY_NOT_FOUND];
    const reply = await this.core.remoting.call(address, queryConsumerOffset, this.#header(queue), { timeout, accept });
    if (reply.code !== ResponseCode.SUCCESS) return undefined;
    this.#table.update(queue, reply.header.offset, false);
    return reply.header.offset;
  }

  current(queue: MessageQueue): number | undefined {
    return this.#table.get(queue);
  }

  update(queue: MessageQueue, offset: number, increaseOnly: boolean): void {
    this.#table.update(queue, offset, increaseOnly);
  }

  /** Unchanged offsets are sent, too: a broker that lost its last seconds gets them back. */
  async persist(queues: readonly MessageQueue[]): Promise<void> {
    await Promise.all(queues.map((queue) => this.#persistOne(queue)));
  }

  forget(queue: MessageQueue): void {
    this.#table.delete(queue);
  }

  async #persistOne(queue: MessageQueue): Promise<void> {
    const commitOffset = this.#table.get(queue);
    if (commitOffset === undefined) return;
    const header = { ...this.#header(queue), commitOffset };
    try {
      const address = await this.#addressOf(queue);
      if (this.acknowledged) await this.core.remoting.call(address, updateConsumerOffset, header, { timeout });
      else await this.core.remoting.oneWay(address, updateConsumerOffset, header);
    } catch (error) {
      this.#log.warn('offset not stored; the next round tries again', () => ({
        group: this.group,
        queue: describeQueue(queue),
        offset: commitOffset,
        error: messageOf(error),
      }));
    }
  }

  #header(queue: MessageQueue): RequestInput<typeof queryConsumerOffset> {
    return { consumerGroup: this.group, topic: queue.topic, queueId: queue.queueId, bname: queue.brokerName };
  }

  /** The master; while it is away, a slave takes offsets. */
  async #addressOf(queue: MessageQueue): Promise<string> {
    const { routes } = this.core;
    const find = (): string | undefined => routes.addressFor(queue.brokerName, masterId)?.address;
    const address = find() ?? (await routes.refresh(queue.topic), find());
    if (address !== undefined) return address;
    throw new RocketMQError('BROKER_UNAVAILABLE', `The broker[${queue.brokerName}] is not registered now`);
  }
}
