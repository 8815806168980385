/*
 * Sends at a given rate, whatever the server does, and where asked long-polling consumers that take every message.
 * Argument: one JSON text, see PacedConfig. Prints "measure", "end" and a PacedResult: latencies are end to end, from the
 * write of a send to the arrival of its message, or to its reply where nobody consumes.
 */
import { PullSysFlag } from '../../libs/protocol/src/index.js';
import type { LoadResult } from '../sides/load.js';
import { joinGroup, consumerGroup, subVersion } from './consumer-member.js';
import { expectCode, Lane, Tally, type Exchange, type LaneConfig } from './lane.js';
import { LongPolls } from './long-polls.js';
import { PullFrame } from './pull-frame.js';
import type { ReplyHead } from './reply-head.js';
import { prepareSendFrame, type PreparedFrame } from './send-frame.js';
import { configuration, fail, printResult, startMeasuring, type Timing } from './timed-run.js';

export interface PacedConfig extends LaneConfig, Timing {
  readonly topic: string;
  readonly queues: number;
  /** At least 8 bytes: the time of the send lies in it. */
  readonly bodySize: number;
  /** Sends a second; 0 for as many as go. */
  readonly rate: number;
  /** Connections for sends. */
  readonly connections: number;
  /** Most sends without a reply: what is over the server's powers waits here. */
  readonly inFlight: number;
  /** Connections that consume all queues; 0 for none. */
  readonly consumers: number;
}

export interface PacedResult extends LoadResult {
  /** What was reached of the rate that was asked for. */
  readonly sendsPerSecond: number;
}

/** Sends as many as it is allowed, on slots that are free. */
class PacedSends implements Exchange {
  readonly longest: number;
  readonly idle: number[] = [];
  allowance = 0;
  answered = 0;
  sent = 0;
  readonly #frames: readonly PreparedFrame[];
  readonly #bodySize: number;
  #queue = 0;

  constructor(config: PacedConfig) {
    const frame = { ...config, serializer: 'JSON' } as const;
    this.#frames = Array.from({ length: config.queues }, (_, queueId) => prepareSendFrame({ ...frame, queueId }));
    this.longest = Math.max(...this.#frames.map(({ bytes }) => bytes.length));
    this.#bodySize = config.bodySize;
  }

  put(out: Buffer, at: number, slot: number, opaque: number): number {
    if (this.allowance < 1) {
      this.idle.push(slot);
      return at;
    }
    this.allowance--;
    this.sent++;
    const frame = this.#frames[this.#queue] as PreparedFrame;
    this.#queue = (this.#queue + 1) % this.#frames.length;
    const end = frame.put(out, at, opaque);
    out.writeDoubleBE(performance.now(), end - this.#bodySize);
    return end;
  }

  take(bytes: Buffer, head: ReplyHead, end: number): number {
    expectCode(bytes, head, end);
    this.answered++;
    return 1;
  }
}

const config = configuration<PacedConfig>();
const { host, port, topic, queues, bodySize, connections, consumers } = config;
const endToEnd = new Tally();
/** Of replies: what counts where nobody consumes. */
const replies = consumers > 0 ? new Tally() : endToEnd;
/** Of pulls, which say nothing here. */
const pulls = new Tally();

const member = consumers > 0 ? await joinGroup(host, port, topic) : undefined;
const polls = Array.from({ length: consumers }, (_, consumer) => {
  const streams = Array.from({ length: queues }, (_, queueId) => queueId)
    .filter((queueId) => queueId % consumers === consumer)
    .map((queueId) => {
      const options = { consumerGroup, topic, queueId, sysFlag: PullSysFlag.SUSPEND, subVersion };
      return { queueId, next: 0, frame: new PullFrame({ ...options, suspendTimeoutMillis: 15_000 }) };
    });
  const exchange = new LongPolls(streams, bodySize, endToEnd);
  const lane = new Lane(config, exchange, pulls, fail);
  lane.start(streams.length);
  return { exchange, lane };
});

const senders = Array.from({ length: connections }, () => {
  const exchange = new PacedSends(config);
  const lane = new Lane(config, exchange, replies, fail);
  lane.start(config.inFlight / connections);
  return { exchange, lane };
});

let last = performance.now();
const pacer = setInterval(() => {
  const now = performance.now();
  const share = config.rate === 0 ? Infinity : ((now - last) * config.rate) / 1000 / connections;
  last = now;
  for (const { exchange, lane } of senders) {
    exchange.allowance += share;
    lane.send(exchange.idle.splice(0, Math.floor(exchange.allowance)));
  }
}, 1);

const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
const total = (of: (exchange: PacedSends) => number): number =>
  senders.reduce((sum, { exchange }) => sum + of(exchange), 0);
const consumed = (): number => polls.reduce((sum, { exchange }) => sum + exchange.consumed, 0);

/** @throws Error when something does not come within a time in which it must. */
async function settle(what: string, isThere: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!isThere()) {
    if (performance.now() > deadline)
      fail(new Error(`${what}: ${consumed()} of ${total(({ sent }) => sent)} messages`));
    await wait(10);
  }
}

await wait(config.warmUp);
const stop = startMeasuring(endToEnd);
const answeredBefore = total(({ answered }) => answered);
await wait(config.measure);
const sendsMeasured = total(({ answered }) => answered) - answeredBefore;
const result = stop();
clearInterval(pacer);
for (const { exchange } of senders) exchange.allowance = 0;
await settle('sends without a reply', () => total(({ sent }) => sent) === total(({ answered }) => answered));
if (consumers > 0) await settle('messages that did not come', () => consumed() === total(({ sent }) => sent));
for (const { lane } of polls) lane.abandon();
for (const { lane } of senders) lane.end();
await Promise.all(senders.map(({ lane }) => lane.closed));
await member?.close();
printResult({ ...result, sendsPerSecond: sendsMeasured / result.seconds } satisfies PacedResult);
