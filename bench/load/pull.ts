/*
 * Pulls a backlog from its first message to its last, one pull under way a queue, and checks every message. Argument: one
 * JSON text, see PullConfig. Prints "measure", "end" and a LoadResult whose latencies are those of pulls.
 */
import { consumerGroup, joinGroup, subVersion } from './consumer-member.js';
import { expectCode, Lane, Tally, type Exchange, type LaneConfig } from './lane.js';
import { PullFrame } from './pull-frame.js';
import { checkRecords, type QueuePlace } from './record-check.js';
import type { ReplyHead } from './reply-head.js';
import { configuration, fail, printResult, startMeasuring } from './timed-run.js';

export interface PullConfig extends LaneConfig {
  readonly topic: string;
  readonly connections: number;
  readonly bodySize: number;
  /** Messages in each queue, by queue id. */
  readonly backlog: readonly number[];
}

interface Stream extends QueuePlace {
  readonly end: number;
  readonly frame: PullFrame;
}

/** One slot a queue: its next pull begins where the last one ended. */
class Pulls implements Exchange {
  readonly longest: number;

  constructor(
    readonly streams: readonly Stream[],
    readonly bodySize: number,
  ) {
    this.longest = Math.max(...streams.map(({ frame }) => frame.longest));
  }

  put(out: Buffer, at: number, slot: number, opaque: number): number {
    const { frame, next, end } = this.streams[slot] as Stream;
    return next < end ? frame.put(out, at, opaque, next) : at;
  }

  take(bytes: Buffer, head: ReplyHead, end: number, slot: number): number {
    expectCode(bytes, head, end);
    const stream = this.streams[slot] as Stream;
    const count = checkRecords(bytes, head.bodyAt, end, stream, this.bodySize);
    if (count === 0) throw new Error(`no message in a reply of queue ${stream.queueId} at offset ${stream.next}`);
    if (stream.next > stream.end) throw new Error(`queue ${stream.queueId} has more messages than were sent`);
    return count;
  }
}

const config = configuration<PullConfig>();
const { topic, backlog, connections, bodySize } = config;
const member = await joinGroup(config.host, config.port, topic);
const streams = backlog.map((end, queueId): Stream => {
  const options = { consumerGroup, topic, queueId, sysFlag: 0, suspendTimeoutMillis: 0, subVersion };
  return { queueId, next: 0, end, frame: new PullFrame(options) };
});
const tally = new Tally();
const stop = startMeasuring(tally);
const lanes = Array.from({ length: connections }, (_, lane) => {
  const own = streams.filter((_stream, i) => i % connections === lane);
  const made: Lane = new Lane(config, new Pulls(own, bodySize), tally, fail, () => made.end());
  made.start(own.length);
  return made;
});
await Promise.all(lanes.map(({ closed }) => closed));
const result = stop();
const expected = backlog.reduce((sum, count) => sum + count, 0);
if (result.messages !== expected) fail(new Error(`${result.messages} messages of ${expected}`));
await member.close();
printResult(result);
