import { messageOf } from '../../../common/src/index.js';
import { PullSysFlag, ResponseCode, type pullMessage } from '../../../protocol/src/index.js';
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
import type { GetResult } from '../../../store/src/index.js';
import { brokerReadable } from '../guards/broker-readable.js';
import { groupMayConsume } from '../guards/group-may-consume.js';
import { readableQueue } from '../guards/readable-queue.js';
import { readableTopic } from '../guards/readable-topic.js';
import type { BrokerParts } from '../parts.js';
import { recordOffsetMoved } from './offset-moved-event.js';
import { ParkedSearch } from './parked-search.js';
import { pullFilter, type PullFilter } from './pull-filter.js';

/*
 * PULL_MESSAGE and LITE_PULL_MESSAGE.
 *
 * Hot path: message bytes go out as the slices the store hands over, uncopied as far as they last. A pull that finds nothing is parked with
 * its header and its filter; it runs once more when a message comes or its time is up, and is answered then whatever
 * comes.
 */

export type PullParts = Pick<
  BrokerParts,
  | 'config'
  | 'clock'
  | 'log'
  | 'identity'
  | 'store'
  | 'topics'
  | 'groups'
  | 'offsets'
  | 'consumers'
  | 'filters'
  | 'messageFilters'
  | 'hold'
  | 'stats'
>;
type Pull = typeof pullMessage;
export type PullExchange = Exchange<Pull>;
type Answer = Ok<Pull> | Fail<Pull>;

/** Whom a reader is sent to that need not go elsewhere. */
const masterId = 0;

/** The order is Java's: which refusal wins is visible on the wire. */
export function pullGuards(parts: PullParts): readonly Guard<Pull>[] {
  return [brokerReadable(parts), groupMayConsume(parts), readableTopic(parts), readableQueue(parts)];
}

export class PullHandler {
  private readonly guards: readonly Guard<Pull>[];

  constructor(private readonly parts: PullParts) {
    this.guards = pullGuards(parts);
  }

  run(exchange: PullExchange): Outcome<Pull> | Promise<Outcome<Pull>> {
    const filter = pullFilter(this.parts, exchange.header);
    if ('kind' in filter) return filter;
    const reset = this.resetAnswer(exchange);
    if (reset !== undefined) return reset;
    this.commitOffset(exchange);
    const begun = this.parts.clock.monotonic();
    const found = this.read(exchange, filter);
    if ('then' in found) return found.then((result) => this.answerOrPark(exchange, filter, result, begun));
    return this.answerOrPark(exchange, filter, found, begun);
  }

  /** The second run of a parked pull: topic, group and rights may have changed meanwhile. */
  private async runAgain(exchange: PullExchange): Promise<Answer> {
    for (const guard of this.guards) {
      const refusal = guard(exchange);
      if (refusal !== undefined) return refusal;
    }
    const filter = pullFilter(this.parts, exchange.header);
    if ('kind' in filter) return filter;
    const reset = this.resetAnswer(exchange);
    if (reset !== undefined) return reset;
    const begun = this.parts.clock.monotonic();
    return this.answer(exchange, await this.read(exchange, filter), begun);
  }

  private read({ header }: PullExchange, filter: PullFilter): GetResult | Promise<GetResult> {
    const { matches, matchesRecord } = filter;
    const { topic, queueId, queueOffset, maxMsgNums, maxMsgBytes } = header;
    return this.parts.store.get({
      topic,
      queueId,
      offset: queueOffset,
      maxMessages: Math.max(1, maxMsgNums),
      ...(maxMsgBytes !== undefined && maxMsgBytes > 0 ? { maxBytes: maxMsgBytes } : {}),
      ...(matches === undefined ? {} : { matches }),
      ...(matchesRecord === undefined ? {} : { matchesRecord }),
    });
  }

  private answerOrPark(exchange: PullExchange, filter: PullFilter, result: GetResult, begun: number): Outcome<Pull> {
    const { header, connection } = exchange;
    if (responseCodeOf(result, header.queueOffset) !== ResponseCode.PULL_NOT_FOUND)
      return this.answer(exchange, result, begun);
    if ((header.sysFlag & PullSysFlag.SUSPEND) === 0) return this.answer(exchange, result, begun);
    const { config, hold: pullHold, store } = this.parts;
    const { topic, queueId, queueOffset } = header;
    const wake = (): void => this.wake(exchange);
    // A message may have come between the read and now: its arrival found nobody waiting.
    if (config.longPollingEnable && store.maxOffset(topic, queueId) > Math.max(result.maxOffset, queueOffset)) {
      wake();
      return hold;
    }
    const timeout = config.longPollingEnable ? header.suspendTimeoutMillis : config.shortPollingTimeMills;
    const parked = pullHold.park({
      connection,
      topic,
      queueId,
      offset: queueOffset,
      matches: filter.matches,
      ...(filter.matchesRecord === undefined ? {} : { finds: new ParkedSearch(store, header, filter).finds }),
      timeout,
      wake,
    });
    return parked ? hold : fail(ResponseCode.SYSTEM_ERROR, 'too many pulls wait for messages already, try again later');
  }

  private wake(exchange: PullExchange): void {
    this.runAgain(exchange).then(
      (answer) => exchange.reply(answer),
      (error: unknown) => {
        this.parts.log.error('a parked pull failed', { topic: exchange.header.topic, error: messageOf(error) });
        exchange.reply(fail(ResponseCode.SYSTEM_ERROR, messageOf(error)));
      },
    );
  }

  private answer({ header, connection }: PullExchange, result: GetResult, begun: number): Answer {
    const { stats, offsets, log, clock } = this.parts;
    const { consumerGroup, topic, queueId, queueOffset } = header;
    const code = responseCodeOf(result, queueOffset);
    const { nextBeginOffset, minOffset, maxOffset, status } = result;
    const reply = {
      suggestWhichBrokerId: this.nextBrokerId(consumerGroup, result),
      nextBeginOffset,
      minOffset,
      maxOffset,
    };
    if (code === ResponseCode.SUCCESS) {
      const { messageCount, bytes } = result;
      stats.handedOut(consumerGroup, topic, messageCount, bytes, clock.monotonic() - begun);
      offsets.notePull(consumerGroup, topic, queueId, nextBeginOffset);
      return ok(reply, { body: result.slices, remark: status, isLasting: result.isLasting });
    }
    stats.getMissed++;
    if (code === ResponseCode.PULL_OFFSET_MOVED) {
      const { remoteAddress } = connection;
      const context = {
        group: consumerGroup,
        topic,
        queueId,
        asked: queueOffset,
        next: nextBeginOffset,
        remoteAddress,
      };
      log.warn('a pull asked for an offset outside its queue', { ...context, status });
      this.recordMoved(header, nextBeginOffset);
    }
    return fail(code, status, reply);
  }

  /** Where the group is to go on, when that was set from outside; said once. The offset that came along is out of date. */
  private resetAnswer({ header }: PullExchange): Answer | undefined {
    const { offsets, store } = this.parts;
    const { consumerGroup, topic, queueId } = header;
    const nextBeginOffset = offsets.takeReset(consumerGroup, topic, queueId);
    if (nextBeginOffset === undefined) return undefined;
    const [minOffset, maxOffset] = [store.minOffset(topic, queueId), store.maxOffset(topic, queueId)];
    this.recordMoved(header, nextBeginOffset);
    const reply = { suggestWhichBrokerId: masterId, nextBeginOffset, minOffset, maxOffset };
    return fail(ResponseCode.PULL_OFFSET_MOVED, 'OFFSET_RESET', reply);
  }

  /** With slaves that may be read from, the group says which broker its members turn to next. */
  private nextBrokerId(group: string, { isFarBehind }: GetResult): number {
    if (!this.parts.config.slaveReadEnable) return masterId;
    const found = this.parts.groups.find(group);
    if (found === undefined) return masterId;
    return isFarBehind ? found.whichBrokerWhenConsumeSlowly : found.brokerId;
  }

  private recordMoved({ consumerGroup, topic, queueId, queueOffset }: PullExchange['header'], next: number): void {
    const { store, identity, clock } = this.parts;
    const messageQueue = { brokerName: identity.brokerName, queueId, topic };
    const event = { consumerGroup, messageQueue, offsetNew: next, offsetRequest: queueOffset };
    recordOffsetMoved(store, event, identity.storeHost, clock.now());
  }

  /** Pulls carry the group's progress with them, on their first run only. */
  private commitOffset({ header }: PullExchange): void {
    if ((header.sysFlag & PullSysFlag.COMMIT_OFFSET) === 0 || header.commitOffset < 0) return;
    this.parts.offsets.commit(header.consumerGroup, header.topic, header.queueId, header.commitOffset);
  }
}

function responseCodeOf({ status }: GetResult, queueOffset: number): number {
  switch (status) {
    case 'FOUND':
      return ResponseCode.SUCCESS;
    case 'MESSAGE_WAS_REMOVING':
    case 'NO_MATCHED_MESSAGE':
      return ResponseCode.PULL_RETRY_IMMEDIATELY;
    case 'OFFSET_FOUND_NULL':
    case 'OFFSET_OVERFLOW_ONE':
      return ResponseCode.PULL_NOT_FOUND;
    case 'NO_MATCHED_LOGIC_QUEUE':
    case 'NO_MESSAGE_IN_QUEUE':
      return queueOffset === 0 ? ResponseCode.PULL_NOT_FOUND : ResponseCode.PULL_OFFSET_MOVED;
    default:
      return ResponseCode.PULL_OFFSET_MOVED;
  }
}
