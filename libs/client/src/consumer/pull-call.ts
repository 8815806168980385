import { RocketMQError, messageOf } from '../../../common/src/index.js';
import { ResponseCode, pullMessage } from '../../../protocol/src/index.js';
import { PullSysFlag, decodeMessages, retryTopicOf, type MessageRecord } from '../../../protocol/src/message/index.js';
import type { ClientCore } from '../client-core.js';
import type { MessageQueue, PullResult } from '../contract/index.js';
import { masterId } from '../route/index.js';
import { isInnerBatch, unwrapped } from './inner-batch.js';
import { PulledMessage, originOf, type PullOrigin } from './pulled-message.js';
import { wantsTag, type Subscription } from './subscription.js';

export interface PullRequest {
  readonly queue: MessageQueue;
  readonly offset: number;
  readonly maxNums: number;
  readonly subscription: Subscription;
  /** True carries the expression in the request; false lets the broker use the one of the last heartbeat. */
  readonly withSubscription: boolean;
  /** Stored by the broker on the way when more than 0. */
  readonly commitOffset: number;
  /** Milliseconds the broker may park the request; 0 answers at once. */
  readonly suspendTimeout: number;
  readonly timeout: number;
  readonly signal?: AbortSignal;
  /**
   * Says that a lite pull consumer asks. Not by the request of its own that 5.x has for it: brokers of 4.9 do not know it,
   * and those of 5.x answer this one alike.
   */
  readonly lite?: boolean;
}

export interface PullOutcome extends PullResult {
  readonly messages: readonly PulledMessage[];
}

type Status = PullResult['status'];

const statusByCode: ReadonlyMap<number, Status> = new Map([
  [ResponseCode.SUCCESS, 'FOUND' as const],
  [ResponseCode.PULL_NOT_FOUND, 'NO_NEW_MSG' as const],
  [ResponseCode.PULL_RETRY_IMMEDIATELY, 'NO_MATCHED_MSG' as const],
  [ResponseCode.PULL_OFFSET_MOVED, 'OFFSET_ILLEGAL' as const],
]);

const accept = [...statusByCode.keys()].filter((code) => code !== ResponseCode.SUCCESS);

/** A small reply is copied, so that its messages do not keep the whole receive buffer alive. */
const copyBelow = 16 * 1024;

/** Pulls for one group: finds the broker (a slave when the master says so), asks, takes the reply apart, filters again. */
export class PullCall {
  /** What the broker suggested, by queue. */
  readonly #brokerIds = new WeakMap<MessageQueue, number>();

  constructor(
    private readonly core: ClientCore,
    private readonly group: string,
  ) {}

  /** @throws RocketMQError of the call, or BROKER_UNAVAILABLE when the queue's broker is not registered. */
  async pull(request: PullRequest): Promise<PullOutcome> {
    const { queue, subscription } = request;
    const broker = await this.#brokerOf(queue);
    const address = subscription.classFilterMode ? await this.#filterServerOf(queue, broker.address) : broker.address;
    const readsSlave = broker.brokerId !== masterId;
    const header = {
      consumerGroup: this.group,
      topic: queue.topic,
      queueId: queue.queueId,
      queueOffset: request.offset,
      maxMsgNums: request.maxNums,
      sysFlag: sysFlagOf(request, readsSlave),
      commitOffset: request.commitOffset,
      suspendTimeoutMillis: request.suspendTimeout,
      subscription: request.withSubscription ? subscription.subString : undefined,
      subVersion: subscription.subVersion,
      expressionType: subscription.expressionType,
      bname: queue.brokerName,
    };
    const { timeout, signal } = request;
    const reply = await this.core.remoting.call(address, pullMessage, header, { timeout, signal, accept });
    const { nextBeginOffset, minOffset, maxOffset, suggestWhichBrokerId } = reply.header;
    if (nextBeginOffset === undefined || minOffset === undefined || maxOffset === undefined) {
      throw new RocketMQError('PROTOCOL_VIOLATION', `broker ${queue.brokerName} answered a pull without its offsets`);
    }
    if (suggestWhichBrokerId !== undefined) this.#brokerIds.set(queue, suggestWhichBrokerId);
    const status = statusByCode.get(reply.code) as Status;
    const origin = originOf(this.core, queue.brokerName, retryTopicOf(this.group), minOffset, maxOffset);
    const messages = status === 'FOUND' ? this.#messagesOf(bytesOf(reply.body), origin, subscription) : [];
    // Bodies are inflated when they are read, which is no time to wait for a library.
    const loading = this.core.codecs.loadFor(messages);
    if (loading !== undefined) await loading;
    return { status, nextBeginOffset, minOffset, maxOffset, messages };
  }

  /** Who runs filters that are subscribed to by name: what the broker told the name server, which may be itself. */
  async #filterServerOf({ topic, brokerName }: MessageQueue, brokerAddress: string): Promise<string> {
    const { routes } = this.core;
    const find = () => routes.known(topic)?.route.filterServerTable.get(brokerAddress)?.[0];
    const address = find() ?? (await routes.refresh(topic), find());
    if (address !== undefined) return address;
    const text = `Find Filter Server Failed: broker ${brokerName} (${brokerAddress}) registered no filters for topic ${topic}; the host of a broker of this package gives them as messageFilters`;
    throw new RocketMQError('BROKER_UNAVAILABLE', text);
  }

  #messagesOf(bytes: Buffer, origin: PullOrigin, subscription: Subscription): PulledMessage[] {
    const own = bytes.length < copyBelow ? Buffer.from(bytes) : bytes;
    let records = decodeMessages(own);
    if (records.some(isInnerBatch)) records = records.flatMap((record) => this.#unwrapped(record, origin));
    return records
      .map((record) => new PulledMessage(record, origin))
      .filter((message) => wantsTag(subscription, message.tags));
  }

  /** As in Java, one that cannot be taken apart is handed over whole. */
  #unwrapped(record: MessageRecord, origin: PullOrigin): readonly MessageRecord[] {
    try {
      return unwrapped(record, origin);
    } catch (error) {
      const { topic, queueId, queueOffset } = record;
      const place = { topic, queueId, queueOffset, broker: origin.brokerName };
      this.core.log.error('a batch cannot be taken apart', { ...place, error: messageOf(error) });
      return [record];
    }
  }

  async #brokerOf(queue: MessageQueue): Promise<{ brokerId: number; address: string }> {
    const { routes } = this.core;
    const find = () => routes.addressFor(queue.brokerName, this.#brokerIds.get(queue) ?? masterId);
    const broker = find() ?? (await routes.refresh(queue.topic), find());
    if (broker !== undefined) return broker;
    throw new RocketMQError('BROKER_UNAVAILABLE', `The broker[${queue.brokerName}] is not registered now`);
  }
}

function sysFlagOf(request: PullRequest, readsSlave: boolean): number {
  return (
    // Offsets are the master's business.
    (request.commitOffset > 0 && !readsSlave ? PullSysFlag.COMMIT_OFFSET : 0) |
    (request.suspendTimeout > 0 ? PullSysFlag.SUSPEND : 0) |
    (request.withSubscription ? PullSysFlag.SUBSCRIPTION : 0) |
    (request.subscription.classFilterMode ? PullSysFlag.CLASS_FILTER : 0) |
    (request.lite ? PullSysFlag.LITE_PULL : 0)
  );
}

function bytesOf(body: Buffer | readonly Buffer[]): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.concat(body);
}
