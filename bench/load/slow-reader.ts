/*
 * A consumer that asks for far more than it reads. Argument: one JSON text, see SlowReaderConfig. It reads nothing until the
 * broker has taken no more of its requests for a second, prints "measure", holds on, prints "end", and then reads everything
 * that it asked for: whatever was held back must come, unless the broker gave the connection up. Prints a
 * SlowReaderResult.
 */
import { connect } from 'node:net';
import { PullSysFlag } from '../../libs/protocol/src/index.js';
import { consumerGroup, joinGroup, subVersion } from './consumer-member.js';
import { PullFrame } from './pull-frame.js';
import type { LaneConfig } from './lane.js';
import { ReplyHead } from './reply-head.js';
import { announce, configuration, fail, printResult } from './timed-run.js';

export interface SlowReaderConfig extends LaneConfig {
  readonly topic: string;
  readonly pulls: number;
  /** Milliseconds it holds on without reading. */
  readonly hold: number;
}

export interface SlowReaderResult {
  readonly replies: number;
  readonly bytes: number;
  /** Share of the requests that the broker and the kernel took while nothing was read. */
  readonly takenShare: number;
  /** 1 when the broker gave the connection up instead of waiting. */
  readonly closed: number;
}

const firstOpaque = 1_000_000_000;
const stallMs = 1000;

const config = configuration<SlowReaderConfig>();
const { topic } = config;
const member = await joinGroup(config.host, config.port, topic);
const options = { consumerGroup, topic, queueId: 0, sysFlag: PullSysFlag.COMMIT_OFFSET, subVersion };
const frame = new PullFrame({ ...options, suspendTimeoutMillis: 0 });
const requests = Buffer.allocUnsafe(config.pulls * frame.longest);
let length = 0;
for (let i = 0; i < config.pulls; i++) length = frame.put(requests, length, firstOpaque + i, 0);

const socket = connect({ host: config.host, port: config.port, noDelay: true });
const closed = new Promise<void>((done) => socket.once('close', () => done()));
// A connection that is given up may be reset.
socket.on('error', () => undefined);
socket.pause();
await new Promise((done) => socket.once('connect', done));

const piece = 64 * 1024;
let taken = 0;

/** Piece after piece, each when the kernel has taken the one before: only so it shows how far the broker reads. */
async function ask(): Promise<void> {
  while (taken < length && !socket.destroyed) {
    const next = requests.subarray(taken, Math.min(length, taken + piece));
    await new Promise<void>((done) => socket.write(next, () => done()));
    taken += next.length;
  }
}

const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
const asking = ask();
for (let before = -1; !socket.destroyed && taken !== before;) {
  before = taken;
  await wait(stallMs);
}
const takenShare = taken / length;
announce('measure');
await wait(config.hold);
announce('end');

const head = new ReplyHead();
const isAnswered = new Uint8Array(config.pulls);
let replies = 0;
let bytes = 0;
let partial = Buffer.alloc(0);
const all = new Promise<void>((done) => {
  socket.on('data', (chunk) => {
    bytes += chunk.length;
    const buffer = partial.length === 0 ? chunk : Buffer.concat([partial, chunk]);
    let at = 0;
    while (buffer.length - at >= 4) {
      const end = at + 4 + buffer.readInt32BE(at);
      if (end > buffer.length) break;
      take(buffer, at + 4);
      at = end;
    }
    partial = buffer.subarray(at);
    if (replies === config.pulls) done();
  });
});

function take(buffer: Buffer, at: number): void {
  head.read(buffer, at);
  const index = head.opaque - firstOpaque;
  if (head.code !== 0 || isAnswered[index] !== 0) fail(new Error(`reply ${index} with code ${head.code} is not right`));
  isAnswered[index] = 1;
  replies++;
}

socket.resume();
await Promise.race([all.then(() => asking), closed]);
socket.destroy();
await member.close();
printResult({ replies, bytes, takenShare, closed: replies === config.pulls ? 0 : 1 } satisfies SlowReaderResult);
