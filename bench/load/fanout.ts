/*
 * Many consumers, each a connection with one parked pull, and a sender that sends one message after the other: each wakes
 * all who wait at its queue. Argument: one JSON text, see FanoutConfig. Prints "measure", "end" and a LoadResult: messages are
 * wakes, latencies go from the write of the send to the arrival at a consumer.
 */
import { PullSysFlag } from '../../libs/protocol/src/index.js';
import { consumerGroup, joinGroup, subVersion } from './consumer-member.js';
import { Lane, Tally, expectCode, type LaneConfig } from './lane.js';
import { LongPolls } from './long-polls.js';
import { PullFrame } from './pull-frame.js';
import { prepareSendFrame } from './send-frame.js';
import { configuration, fail, printResult, startMeasuring, type Timing } from './timed-run.js';

export interface FanoutConfig extends LaneConfig, Timing {
  readonly topic: string;
  readonly queues: number;
  readonly bodySize: number;
  readonly consumers: number;
  /** Milliseconds between sends. */
  readonly pause: number;
}

const config = configuration<FanoutConfig>();
const { host, port, topic, queues, bodySize, consumers } = config;
const wakes = new Tally();
const others = new Tally();
const member = await joinGroup(host, port, topic);
const polls = Array.from({ length: consumers }, (_, consumer) => {
  const queueId = consumer % queues;
  const options = { consumerGroup, topic, queueId, sysFlag: PullSysFlag.SUSPEND, subVersion };
  const frame = new PullFrame({ ...options, suspendTimeoutMillis: 15_000 });
  const exchange = new LongPolls([{ queueId, next: 0, frame }], bodySize, wakes);
  const lane = new Lane(config, exchange, others, fail);
  lane.start(1);
  return { exchange, lane, queueId };
});

const frames = Array.from({ length: queues }, (_, queueId) =>
  prepareSendFrame({ topic, queueId, bodySize, serializer: 'JSON' }),
);
const sent = frames.map(() => 0);
let queue = 0;
let isFree = true;
/** One send at a time, on its only slot. */
const sender = new Lane(
  config,
  {
    longest: Math.max(...frames.map(({ bytes }) => bytes.length)),
    put(out, at, _slot, opaque) {
      if (!isFree) return at;
      isFree = false;
      const end = (frames[queue] as (typeof frames)[number]).put(out, at, opaque);
      out.writeDoubleBE(performance.now(), end - bodySize);
      sent[queue] = (sent[queue] ?? 0) + 1;
      queue = (queue + 1) % queues;
      return end;
    },
    take(bytes, head, end) {
      expectCode(bytes, head, end);
      return 0;
    },
  },
  others,
  fail,
);

const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
const missing = (): number =>
  polls.reduce((sum, { exchange, queueId }) => sum + (sent[queueId] as number) - exchange.consumed, 0);

async function sendFor(ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    isFree = true;
    sender.send([0]);
    await wait(config.pause);
  }
}

// All have connected and wait.
await wait(1000);
await sendFor(config.warmUp);
const stop = startMeasuring(wakes);
await sendFor(config.measure);
const deadline = performance.now() + 10_000;
while (missing() > 0) {
  if (performance.now() > deadline) fail(new Error(`${missing()} messages did not come`));
  await wait(10);
}
const result = stop();
for (const { lane } of polls) lane.abandon();
sender.end();
await sender.closed;
await member.close();
printResult(result);
