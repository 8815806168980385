import { messageOf } from '../../../common/src/index.js';
import { Permission, SystemTopic } from '../../../protocol/src/index.js';
import type { AppendResult, QueueUnit } from '../../../store/src/index.js';
import { appended, isStored } from '../appending.js';
import type { BrokerParts } from '../parts.js';
import type { CheckRequests } from './check-requests.js';
import { HalfCopies } from './half-copies.js';
import { HalfMessage, transactionQueue } from './half-message.js';
import type { OpMessages } from './op-messages.js';
import { OpScan } from './op-scan.js';
import { QueueWalk } from './queue-walk.js';

export type CheckParts = Pick<BrokerParts, 'config' | 'clock' | 'log' | 'store' | 'stats' | 'topics'> & {
  readonly ops: OpMessages;
  readonly requests: CheckRequests;
};

/** How far the two queues are done with. */
export interface Positions {
  readonly half: number;
  readonly op: number;
}

/** A half message stays in front of the queue, and all behind it are looked at another time. */
type Verdict = 'passed' | 'stays';

/** Half messages that the first check after a start compares with each other. */
const mostCompared = 50_000;
/** Milliseconds that one check may take, as in Java. */
const longestCheck = 60_000;
const hour = 3_600_000;
const readWrite = Permission.READ | Permission.WRITE;

/**
 * One check: goes through the half messages from where the last one ended. Those that are done with are passed; of the
 * others each is appended again, and its producer group is asked about the new copy. Nothing that goes wrong with one of
 * them keeps the others from being looked at, and none is passed before what takes its place is stored.
 *
 * Not as in Java: a half message is given up only when it is known to have no op (Java looks before it has read all of
 * them), and one whose sender asked for patience is not counted as asked while it only waits.
 */
export class HalfCheck {
  private isClosed = false;
  /** Of the first check after a start. */
  private copies: HalfCopies | undefined;
  private hasCompared = false;

  constructor(private readonly parts: CheckParts) {}

  /** The check under way ends with the message it is at. */
  close(): void {
    this.isClosed = true;
  }

  async run(from: Positions): Promise<Positions> {
    const { store, clock, ops } = this.parts;
    await ops.flush();
    // Copies appended by this check are for the next one.
    const end = store.maxOffset(SystemTopic.TRANS_HALF, transactionQueue);
    const halves = new QueueWalk(this.parts, SystemTopic.TRANS_HALF, from.half);
    const scan = new OpScan(this.parts, from.op, halves.next);
    await this.compare(halves.next, end, scan);
    const deadline = clock.monotonic() + longestCheck;
    while (halves.next < end && clock.monotonic() < deadline) {
      const units = await halves.units();
      if (units.length === 0) break;
      for (const unit of units) {
        if (this.isClosed || halves.next >= end) break;
        if ((await this.look(halves.next, unit, scan)) === 'stays') return { half: halves.next, op: scan.position };
        scan.passed(halves.next);
        halves.next++;
      }
      if (this.isClosed) break;
      // Many that are done with would not let anybody else run.
      await new Promise(setImmediate);
    }
    return { half: halves.next, op: scan.position };
  }

  private async compare(from: number, end: number, scan: OpScan): Promise<void> {
    this.copies = undefined;
    if (this.hasCompared) return;
    const copies = new HalfCopies();
    const halves = new QueueWalk(this.parts, SystemTopic.TRANS_HALF, from);
    while (halves.next < Math.min(end, from + mostCompared) && !this.isClosed) {
      const units = await halves.units();
      if (units.length === 0) break;
      for (const unit of units) {
        const half = await this.read(unit);
        const isDone = await scan.readUntil(halves.next);
        if (typeof half !== 'string') {
          const first = half.preparedOffset ?? halves.next;
          copies.add(halves.next, first, isDone || scan.isDone(first));
        }
        halves.next++;
      }
      await new Promise(setImmediate);
    }
    this.copies = copies;
    this.hasCompared = true;
  }

  private async look(offset: number, unit: QueueUnit, scan: OpScan): Promise<Verdict> {
    if (this.copies?.isOver(offset)) return 'passed';
    if (await scan.readUntil(offset)) return 'passed';
    const half = await this.read(unit);
    if (typeof half === 'string') {
      const { physicalOffset } = unit;
      this.parts.log.error('a half message is passed over', { offset, physicalOffset, problem: half });
      return 'passed';
    }
    const first = half.preparedOffset;
    do {
      if (await scan.readUntil(offset)) return 'passed';
      // From here on nothing else runs until a copy is appended: an end that comes later is of the copy, or names it.
    } while (!scan.isAtEnd);
    if (first !== undefined && scan.isDone(first)) return 'passed';
    const { ops } = this.parts;
    const end = ops.endOf(offset) ?? (first === undefined ? undefined : ops.endOf(first));
    if (end !== undefined) return end === 'ended' ? 'passed' : 'stays';
    return this.decide(offset, half);
  }

  private async decide(offset: number, half: HalfMessage): Promise<Verdict> {
    const { clock, config } = this.parts;
    const now = clock.now();
    const { checkTimes, hasImmunity } = half;
    if (checkTimes >= config.transactionCheckMax) return this.giveUp(half, `it was asked about ${checkTimes} times`);
    if (now - half.record.bornTimestamp > config.fileReservedTime * hour) {
      return this.giveUp(half, 'it is older than fileReservedTime');
    }
    const age = half.age(now);
    if (age >= 0 && age < half.immunity(config.transactionTimeOut)) {
      if (!hasImmunity) return 'stays';
      return (await this.putAgain(half, checkTimes)) === undefined ? 'stays' : 'passed';
    }
    const stored = await this.putAgain(half, checkTimes + 1);
    if (stored === undefined) return 'stays';
    if (stored === 'too large') return this.giveUp(half, 'no copy of it can be stored');
    this.parts.log.debug('a producer group is asked about a transaction', {
      group: half.group,
      topic: half.realTopic,
      offset,
      copy: stored.queueOffset,
      times: checkTimes + 1,
    });
    this.parts.requests.ask(half, checkTimes + 1, stored);
    return 'passed';
  }

  /** A text for one that can never be read: why. An error of the disk ends the check. */
  private async read({ physicalOffset, size }: QueueUnit): Promise<HalfMessage | string> {
    const record = await this.parts.store.read(physicalOffset, size);
    try {
      return (record === undefined ? undefined : HalfMessage.read(record)) ?? 'there is no whole record';
    } catch (error) {
      return messageOf(error);
    }
  }

  /** Undefined when the store does not take anything now. */
  private async putAgain(half: HalfMessage, checkTimes: number): Promise<AppendResult | 'too large' | undefined> {
    const result = await appended(this.parts.store, half.again(checkTimes));
    if (isStored(result)) {
      const { config, stats } = this.parts;
      if (config.brokerVersion !== 'V4_9_7') stats.stored(SystemTopic.TRANS_HALF, 1, result.bytes, result.elapsed);
      return result;
    }
    if (result.status === 'MESSAGE_ILLEGAL') return 'too large';
    this.sayRefused('a half message could not be appended again', result);
    return undefined;
  }

  private async giveUp(half: HalfMessage, reason: string): Promise<Verdict> {
    const { topics, log } = this.parts;
    topics.createIfAbsent(SystemTopic.TRANS_CHECK_MAX_TIME, 1, readWrite, 0);
    const result = await appended(this.parts.store, half.givenUp());
    const { queueOffset, physicalOffset } = half.record;
    const place = { group: half.group, topic: half.realTopic, queueOffset, physicalOffset, reason };
    if (isStored(result)) {
      log.error(`a half message was given up, it lies in ${SystemTopic.TRANS_CHECK_MAX_TIME} now`, place);
      return 'passed';
    }
    if (result.status === 'MESSAGE_ILLEGAL') {
      log.error('a half message that can be stored nowhere is passed over', { ...place, refused: result.reason });
      return 'passed';
    }
    this.sayRefused('a half message could not be given up', result);
    return 'stays';
  }

  private sayRefused(what: string, { status, reason }: AppendResult): void {
    this.parts.log.error(`${what}, the next check tries again`, { status, reason });
  }
}
