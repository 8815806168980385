import {
  describePermission,
  isRetryTopic,
  isWriteable,
  MessageProperty,
  MessageSysFlag,
  Permission,
  propertyOf,
  ResponseCode,
  retryTopicPrefix,
  SystemTopic,
  TopicSysFlag,
  withProperty,
  type sendMessageV2,
  type TopicConfig,
} from '../../../protocol/src/index.js';
import { messageOf } from '../../../common/src/index.js';
import {
  fail,
  hold,
  ok,
  type Exchange,
  type Fail,
  type Guard,
  type Ok,
  type Outcome,
} from '../../../remoting/src/index.js';
import type { AppendMessage, AppendResult, HostAddress } from '../../../store/src/index.js';
import { isStored } from '../appending.js';
import { recallHandleFor, scheduled, type Scheduled } from '../delay/scheduling.js';
import { brokerWriteable } from '../guards/broker-writeable.js';
import { seeFaq } from '../guards/refusal.js';
import { sendableTopic } from '../guards/sendable-topic.js';
import { sendsBegun } from '../guards/sends-begun.js';
import type { BrokerParts } from '../parts.js';
import { deadLetterTopicFor, mostRetries, noGroup } from '../retry/retry-group.js';
import { halfMessage } from '../transaction/half-message.js';
import { BornHosts } from './born-hosts.js';
import { PendingSend } from './pending-send.js';
import { ReceivedBatch, type BatchHead } from './received-batch.js';
import { SentProperties, type RefusedProperty } from './sent-properties.js';

/*
 * SEND_MESSAGE, SEND_MESSAGE_V2 and SEND_BATCH_MESSAGE: three headers on the wire, one request here.
 *
 * HOT PATH. Once a message: the append request, which the store copies into the log, and the reply header; no promise, no
 * closure, no map, no string; the properties are copied once, the body is not. The answer waits in the store until the
 * bytes are written (or forced), so the handler always holds. Benchmark: send.
 */

export type SendParts = Pick<
  BrokerParts,
  | 'config'
  | 'clock'
  | 'random'
  | 'identity'
  | 'store'
  | 'delayLevels'
  | 'timed'
  | 'topics'
  | 'groups'
  | 'queueLocks'
  | 'stats'
  | 'uniqueIds'
>;
type Send = typeof sendMessageV2;
export type SendExchange = Exchange<Send>;

/** Kept for the next sends; more may be under way. */
const mostFree = 1024;
const readWrite = Permission.READ | Permission.WRITE;
/** Set by brokers on what they keep for themselves. */
const refusedSysFlags = MessageSysFlag.NEED_UNWRAP | MessageSysFlag.INNER_BATCH;

/** The order is Java's: which refusal wins is visible on the wire. */
export function sendGuards(parts: SendParts): readonly Guard<Send>[] {
  return [sendsBegun(parts), brokerWriteable(parts), sendableTopic()];
}

/** Where a message goes, once everything about topic and queue is settled. */
export interface Target {
  readonly topic: string;
  readonly queueId: number;
  readonly sysFlag: number;
}

export class SendHandler {
  private readonly bornHosts = new BornHosts();
  private readonly sent: SentProperties;
  private readonly batch: ReceivedBatch;
  /** The first `freeCount` of them wait: an array that shrinks and grows moves its elements. */
  private readonly free: PendingSend[] = [];
  private freeCount = 0;
  private readonly settled = (send: PendingSend, result: AppendResult): void => this.settle(send, result);

  constructor(private readonly parts: SendParts) {
    this.sent = new SentProperties(parts.config, parts.uniqueIds);
    this.batch = new ReceivedBatch(this.sent);
  }

  run(exchange: SendExchange): Outcome<Send> {
    const target = this.targetOf(exchange);
    if ('kind' in target) return target;
    return exchange.header.batch ? this.storeBatch(exchange, target) : this.storeOne(exchange, target);
  }

  /** @returns where it goes, or the refusal that Java gives */
  targetOf(exchange: SendExchange): Target | Fail<Send> {
    const { header } = exchange;
    const topic = this.parts.topics.get(header.topic) ?? this.createTopic(exchange);
    if (topic === undefined) {
      const remark = `topic[${header.topic}] not exist, apply first please!${seeFaq}`;
      return fail(ResponseCode.TOPIC_NOT_EXIST, remark);
    }
    if (header.queueId >= Math.max(topic.writeQueueNums, topic.readQueueNums)) {
      const producer = exchange.connection.remoteAddress;
      const remark = `request queueId[${header.queueId}] is illegal, ${describeTopic(topic)} Producer: ${producer}`;
      return fail(ResponseCode.SYSTEM_ERROR, remark);
    }
    if (!isWriteable(topic.perm)) {
      return fail(ResponseCode.NO_PERMISSION, `the topic[${header.topic}] sending message is forbidden`);
    }
    if (header.queueId < 0 && topic.writeQueueNums < 1) {
      return fail(ResponseCode.SYSTEM_ERROR, `the topic[${header.topic}] has no queue to write to`);
    }
    if ((header.sysFlag & refusedSysFlags) !== 0) {
      return fail(ResponseCode.MESSAGE_ILLEGAL, `sysFlag ${header.sysFlag}: inner batches are not served`);
    }
    const sysFlag = topic.topicFilterType === 'MULTI_TAG' ? header.sysFlag | MessageSysFlag.MULTI_TAGS : header.sysFlag;
    if (isRetryTopic(header.topic)) return this.retryTargetOf(exchange, topic, sysFlag);
    return { topic: topic.topicName, queueId: this.queueOf(header.queueId, topic), sysFlag };
  }

  bornHostOf({ connection }: SendExchange): HostAddress {
    return this.bornHosts.of(connection);
  }

  private queueOf(queueId: number, topic: TopicConfig): number {
    return queueId < 0 ? Math.floor(this.parts.random() * topic.writeQueueNums) : queueId;
  }

  private createTopic({ header }: SendExchange): TopicConfig | undefined {
    const { topics } = this.parts;
    const retry = isRetryTopic(header.topic);
    const unitFlag = retry ? TopicSysFlag.UNIT_SUB : TopicSysFlag.UNIT;
    const topicSysFlag = header.unitMode ? unitFlag : 0;
    const { topic, defaultTopic, defaultTopicQueueNums } = header;
    const made = topics.createByDefault({ topic, defaultTopic, defaultTopicQueueNums, topicSysFlag });
    return made ?? (retry ? topics.createIfAbsent(topic, 1, readWrite, topicSysFlag) : undefined);
  }

  /** A consumer sends back what it could not handle: to the group's dead letters when it was tried often enough. */
  private retryTargetOf({ header, version }: SendExchange, topic: TopicConfig, sysFlag: number): Target | Fail<Send> {
    const { config, groups, queueLocks } = this.parts;
    if (header.batch) {
      return fail(ResponseCode.MESSAGE_ILLEGAL, `batch request does not support retry group ${header.topic}`);
    }
    const groupName = header.topic.slice(retryTopicPrefix.length);
    const group = groups.find(groupName);
    if (group === undefined) return noGroup(groupName);
    const left = mostRetries(group, header.maxReconsumeTimes, version) - (header.reconsumeTimes ?? 0);
    // Since 5.0 the try that reaches the maximum is granted, and a group that consumes in order gives up for good.
    if (config.brokerVersion === 'V4_9_7' ? left > 0 : left >= 0 && !queueLocks.isHeld(groupName)) {
      return { topic: header.topic, queueId: this.queueOf(header.queueId, topic), sysFlag };
    }
    const dlq = deadLetterTopicFor(this.parts, group);
    return 'kind' in dlq ? dlq : { topic: dlq.topicName, queueId: 0, sysFlag };
  }

  private storeOne(exchange: SendExchange, target: Target): Outcome<Send> {
    const { sent } = this;
    const { header } = exchange;
    const refused = sent.read(header.properties);
    if (refused !== undefined) return refusedProperty(refused);
    const isHalf = sent.isTransaction && !this.isRetriedHalf(header);
    if (!isHalf && (header.sysFlag & MessageSysFlag.TRANSACTION_MASK) !== 0) return strayTransaction(header.sysFlag);
    const body = exchange.range;
    if (body.length === 0) return noBody();
    const { tagsCode, waitForFlush, stored: properties } = sent;
    const { connection } = exchange;
    const message = {
      topic: target.topic,
      queueId: target.queueId,
      sysFlag: target.sysFlag,
      bornTimestamp: header.bornTimestamp,
      bornHost: this.bornHosts.of(connection),
      storeHost: this.parts.identity.storeHost,
      reconsumeTimes: header.reconsumeTimes,
      preparedTransactionOffset: 0,
      flag: header.flag,
      body,
      properties,
      tagsCode,
      waitForFlush,
    };
    if (isHalf) return this.storeHalf(exchange, target, message);
    if (sent.delayLevel > 0 || sent.isTimed) return this.storeScheduled(exchange, target, message);
    this.parts.store.append(message, this.pendingOne(exchange, target).done);
    return hold;
  }

  private storeScheduled(exchange: SendExchange, target: Target, message: AppendMessage): Outcome<Send> {
    const found = this.scheduledOf(message, exchange.header);
    if ('kind' in found) return found;
    const send = this.pendingOne(exchange, target);
    if (found.outTime !== undefined) {
      const { brokerName } = this.parts.identity;
      send.recallHandle = recallHandleFor(target.topic, brokerName, found.outTime, String(send.transactionId));
    }
    this.parts.store.append(found.message, send.done);
    return hold;
  }

  /** Clients before 4.6.1 leave the mark on messages that they send to be tried again. */
  private isRetriedHalf({ reconsumeTimes }: SendExchange['header']): boolean {
    return reconsumeTimes > 0 && this.sent.delayLevel > 0;
  }

  /** Where it waits and what it is called there, the store answers; topic and queue of the answer are those it is for. */
  private storeHalf(exchange: SendExchange, target: Target, message: AppendMessage): Outcome<Send> {
    const { config, store } = this.parts;
    const { header } = exchange;
    const refusal = this.halfRefusal();
    if (refusal !== undefined) return refusal;
    const half = halfMessage(this.withWait(message, header), header.producerGroup, config.brokerVersion !== 'V4_9_7');
    if ('problem' in half) return fail(ResponseCode.MESSAGE_ILLEGAL, half.problem);
    const send = this.pendingOne(exchange, target);
    send.isHalf = true;
    store.append(half, send.done);
    return hold;
  }

  private halfRefusal(): Fail<Send> | undefined {
    const { config } = this.parts;
    if (config.rejectTransactionMessage) {
      const remark = `the broker[${config.brokerIP1}] sending transaction message is forbidden`;
      return fail(ResponseCode.NO_PERMISSION, remark);
    }
    // Java acknowledges it, and drops it when its delay is over.
    return this.sent.delayLevel > 0 || this.sent.isTimed
      ? fail(
          ResponseCode.MESSAGE_ILLEGAL,
          'a message of a transaction cannot be delayed: send it without DELAY and TIMER_...',
        )
      : undefined;
  }

  /** Java 4.9 takes WAIT out of what it stores, but not of what it keeps for later. */
  private withWait(message: AppendMessage, header: SendExchange['header']): AppendMessage {
    const wait = propertyOf(String(header.properties ?? ''), MessageProperty.WAIT) ?? '';
    if (wait === '') return message;
    return { ...message, properties: withProperty(String(message.properties), MessageProperty.WAIT, wait) };
  }

  /** `message` is the one `sent` has read last. Dead letters never wait: nothing is tried again after them. */
  private scheduledOf(message: AppendMessage, header: SendExchange['header']): Scheduled | Fail<Send> {
    const { delayLevel } = this.sent;
    if (message.topic === header.topic) {
      if (delayLevel === 0) return scheduled(this.parts, message, 0);
      return scheduled(this.parts, this.withWait(message, header), delayLevel);
    }
    if (delayLevel === 0) return { message, outTime: undefined };
    const properties = withProperty(String(message.properties), MessageProperty.DELAY, '-1');
    return { message: { ...message, properties }, outTime: undefined };
  }

  private storeBatch(exchange: SendExchange, target: Target): Outcome<Send> {
    const { sent, batch } = this;
    const { maxMessageSize } = this.parts.config;
    const refused = sent.read(exchange.header.properties);
    if (refused !== undefined) return refusedProperty(refused);
    if (sent.delayLevel > 0 || sent.isTimed) return delayedBatch();
    if (sent.isTransaction || (target.sysFlag & MessageSysFlag.TRANSACTION_MASK) !== 0) return batchInTransaction();
    const { range } = exchange;
    if (range.length > maxMessageSize) {
      const remark = `the batch has ${range.length} bytes, more than maxMessageSize ${maxMessageSize}`;
      return fail(ResponseCode.MESSAGE_ILLEGAL, remark);
    }
    try {
      const refusal = batch.read(range, this.headOf(exchange, target));
      if (refusal === 'no body') return noBody();
      if (refusal === 'delayed') return delayedBatch();
      if (refusal === 'transaction') return batchInTransaction();
      if (refusal !== undefined) return refusedProperty(refusal);
    } catch (error) {
      return fail(ResponseCode.MESSAGE_ILLEGAL, messageOf(error));
    }
    if (batch.count === 0) return fail(ResponseCode.MESSAGE_ILLEGAL, 'the batch holds no message');
    this.parts.store.appendBatch(batch, this.pending(exchange, target).done);
    return hold;
  }

  private headOf({ header, connection }: SendExchange, { topic, queueId, sysFlag }: Target): BatchHead {
    return {
      topic,
      queueId,
      sysFlag,
      bornTimestamp: header.bornTimestamp,
      bornHost: this.bornHosts.of(connection),
      storeHost: this.parts.identity.storeHost,
      reconsumeTimes: header.reconsumeTimes,
      preparedTransactionOffset: 0,
    };
  }

  private pending(exchange: SendExchange, { topic, queueId }: Target): PendingSend {
    const send = this.freeCount > 0 ? (this.free[--this.freeCount] as PendingSend) : new PendingSend(this.settled);
    send.exchange = exchange;
    send.topic = topic;
    send.queueId = queueId;
    send.isHalf = false;
    send.transactionId = undefined;
    send.recallHandle = undefined;
    return send;
  }

  /** For the message that `sent` has read last. */
  private pendingOne(exchange: SendExchange, target: Target): PendingSend {
    const send = this.pending(exchange, target);
    send.setTransactionId(this.sent.stored.bytes, this.sent.uniqueAt, this.sent.uniqueEnd);
    return send;
  }

  private settle(send: PendingSend, result: AppendResult): void {
    const { stats, topics } = this.parts;
    if (!isStored(result)) {
      stats.putFailures++;
      return this.answer(send, this.refusalOf(result));
    }
    // As in Java a half message counts for the half topic, and for its own once it is committed.
    const topic = send.isHalf ? SystemTopic.TRANS_HALF : send.topic;
    stats.stored(topic, send.isBatch ? result.physicalOffsets.length : 1, result.bytes, result.elapsed);
    const saving = topics.saving(send.topic);
    if (saving === undefined) return this.acknowledge(send, result);
    // A message of a topic that a restart would not know is not safe yet.
    saving.then(
      () => this.acknowledge(send, result),
      (error: unknown) => this.answer(send, fail(ResponseCode.SYSTEM_ERROR, messageOf(error))),
    );
  }

  private acknowledge(send: PendingSend, result: AppendResult): void {
    const { identity, config } = this.parts;
    const header = {
      msgId: send.isBatch
        ? identity.messageIdsText(result.physicalOffsets)
        : identity.messageIdText(result.physicalOffset),
      queueId: send.queueId,
      queueOffset: result.queueOffset,
      transactionId: send.transactionId,
      recallHandle: send.recallHandle,
      region: config.regionId,
      traceOn: config.traceOn ? 'true' : 'false',
    };
    const late = result.status === 'FLUSH_DISK_TIMEOUT';
    this.answer(send, late ? fail(ResponseCode.FLUSH_DISK_TIMEOUT, result.reason, header) : ok(header));
  }

  private answer(send: PendingSend, outcome: Ok<Send> | Fail<Send>): void {
    send.exchange?.reply(outcome);
    send.exchange = undefined;
    if (this.freeCount < mostFree) this.free[this.freeCount++] = send;
  }

  private refusalOf({ status, reason }: AppendResult): Fail<Send> {
    const { config, store } = this.parts;
    switch (status) {
      case 'MESSAGE_ILLEGAL':
        return fail(
          ResponseCode.MESSAGE_ILLEGAL,
          'the message is illegal, maybe msg body or properties length not matched. msg body length limit ' +
            `${config.maxMessageSize}B, msg properties length limit 32KB. ${reason}`,
        );
      case 'SERVICE_NOT_AVAILABLE': {
        const { commitLogDiskRatio, consumeQueueDiskRatio } = store.figures();
        const [log, queues] = [commitLogDiskRatio, consumeQueueDiskRatio].map((ratio) => ratio.toFixed(2).padStart(5));
        // The index is beside the queues.
        const ratios = `CL: ${log} CQ: ${queues} INDEX: ${queues}`;
        return fail(ResponseCode.SERVICE_NOT_AVAILABLE, `service not available now: ${reason} [${ratios}]`);
      }
      default:
        return fail(ResponseCode.SYSTEM_ERROR, reason);
    }
  }
}

function noBody(): Fail<Send> {
  return fail(ResponseCode.MESSAGE_ILLEGAL, 'the message has no body');
}

function delayedBatch(): Fail<Send> {
  return fail(ResponseCode.MESSAGE_ILLEGAL, 'messages of a batch cannot be delayed: send them one by one');
}

function batchInTransaction(): Fail<Send> {
  return fail(
    ResponseCode.MESSAGE_ILLEGAL,
    'messages of a batch cannot be part of a transaction: send them one by one',
  );
}

/** Without the property the bits would only hide the message from all readers. */
function strayTransaction(sysFlag: number): Fail<Send> {
  const remark = `sysFlag ${sysFlag} says that it is part of a transaction, property TRAN_MSG does not`;
  return fail(ResponseCode.MESSAGE_ILLEGAL, remark);
}

function refusedProperty({ name, reason }: RefusedProperty): Fail<Send> {
  return fail(ResponseCode.MESSAGE_ILLEGAL, `property ${JSON.stringify(name)}: ${reason} by this broker`);
}

function describeTopic(topic: TopicConfig): string {
  const { topicName, readQueueNums, writeQueueNums, perm, topicFilterType, topicSysFlag, order } = topic;
  return (
    `TopicConfig [topicName=${topicName}, readQueueNums=${readQueueNums}, writeQueueNums=${writeQueueNums}, ` +
    `perm=${describePermission(perm)}, topicFilterType=${topicFilterType}, topicSysFlag=${topicSysFlag}, order=${order}]`
  );
}
