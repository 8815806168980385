/*
 * Messages that all wait for an instant, evenly spread over the time that is measured; then they are read back. Argument:
 * one JSON text, see TimedConfig. Prints "measure", "end" and a LoadResult whose latencies are how late the broker stored
 * the copy for readers. A message that came early, or did not come, is an error.
 */
import { silentLogger, systemClock } from '../../libs/common/src/index.js';
import {
  decodeMessages,
  encodeProperties,
  propertyOf,
  PullSysFlag,
  pullMessage,
  ResponseCode,
  sendMessageV2,
} from '../../libs/protocol/src/index.js';
import { createRemotingClient } from '../../libs/remoting/src/index.js';
import type { LaneConfig } from './lane.js';
import { Tally } from './lane.js';
import { configuration, fail, printResult, startMeasuring } from './timed-run.js';

export interface TimedConfig extends LaneConfig {
  readonly topic: string;
  readonly queues: number;
  readonly bodySize: number;
  /** Messages due in a second. */
  readonly rate: number;
  /** Milliseconds in which they come due. */
  readonly measure: number;
}

const config = configuration<TimedConfig>();
const { host, port, topic, queues, bodySize, rate, measure } = config;
const address = `${host}:${port}`;
const client = createRemotingClient({ clock: systemClock, log: silentLogger, handlers: [] });
const count = Math.round((rate * measure) / 1000);
const inFlight = 256;
/** Sends a second, at least: all have to be there before the first is due. */
const slowestSends = 4000;
/** Java is late by whole seconds. */
const patience = 30_000;

const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
const body = Buffer.alloc(bodySize, 'x');
const firstAt = Date.now() + 2000 + (count / slowestSends) * 1000;
const dueAt = (i: number): number => Math.round(firstAt + (i * measure) / count);

async function send(i: number): Promise<void> {
  const properties = encodeProperties([
    ['UNIQ_KEY', `${firstAt}-${i}`],
    ['TIMER_DELIVER_MS', String(dueAt(i))],
  ]);
  const header = {
    producerGroup: 'bench',
    topic,
    defaultTopic: 'TBW102',
    defaultTopicQueueNums: queues,
    queueId: i % queues,
    sysFlag: 0,
    bornTimestamp: Date.now(),
    flag: 0,
    properties,
    reconsumeTimes: 0,
    unitMode: false,
    batch: false,
  };
  await client.call(address, sendMessageV2, header, { body, timeout: 30_000 });
}

async function sendAll(): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await send(next++);
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  if (Date.now() >= firstAt) throw new Error('the first messages were due before all were sent');
}

/** Everything in a queue from `from` on; tells the lateness of each. */
async function readQueue(queueId: number, from: number, onLate: (ms: number) => void): Promise<number> {
  for (let offset = from; ;) {
    const header = {
      consumerGroup: 'bench-timed',
      topic,
      queueId,
      queueOffset: offset,
      maxMsgNums: 32,
      sysFlag: PullSysFlag.SUBSCRIPTION,
      commitOffset: 0,
      suspendTimeoutMillis: 0,
      subscription: '*',
      subVersion: 0,
    };
    const accept = [ResponseCode.PULL_NOT_FOUND, ResponseCode.PULL_RETRY_IMMEDIATELY, ResponseCode.PULL_OFFSET_MOVED];
    const reply = await client.call(address, pullMessage, header, { accept });
    if (reply.code !== ResponseCode.SUCCESS) return offset;
    for (const { properties, storeTimestamp } of decodeMessages(Buffer.concat([reply.body].flat()))) {
      const due = Number(propertyOf(properties, 'TIMER_DELIVER_MS'));
      if (storeTimestamp < due) throw new Error(`a message came ${due - storeTimestamp} ms early`);
      onLate(storeTimestamp - due);
    }
    offset = reply.header.nextBeginOffset;
  }
}

const tally = new Tally();
try {
  await sendAll();
  await wait(firstAt - Date.now());
  const stop = startMeasuring(tally);
  await wait(measure);
  const deadline = Date.now() + patience;
  const offsets = Array.from({ length: queues }, () => 0);
  // Read once all are due, so that reading costs nothing meanwhile.
  while (tally.messages < count) {
    if (Date.now() > deadline) throw new Error(`${count - tally.messages} of ${count} messages did not come`);
    for (const [queueId, from] of offsets.entries()) {
      offsets[queueId] = await readQueue(queueId, from, (late) => {
        tally.messages++;
        tally.latency.record(late * 1000);
      });
    }
    if (tally.messages < count) await wait(200);
  }
  const result = stop();
  await client.close();
  printResult(result);
} catch (error) {
  fail(error as Error);
}
