/*
 * Sends: prebuilt frames, so many under way over some connections, each reply checked. Argument: one JSON text, see
 * SendConfig. Prints "measure", "end" and a LoadResult.
 */
import { prepareSendFrame, type PreparedFrame, type SendFrameOptions } from './send-frame.js';
import { expectCode, Lane, Tally, type Exchange, type LaneConfig } from './lane.js';
import type { ReplyHead } from './reply-head.js';
import { configuration, fail, printResult, runTimed, startMeasuring, type Timing } from './timed-run.js';

export interface SendConfig extends LaneConfig, Timing, Omit<SendFrameOptions, 'topic' | 'queueId'> {
  /** One, or the next for each send. */
  readonly topics: readonly string[];
  /** Of each topic. */
  readonly queues: number;
  readonly connections: number;
  /** Over all connections. */
  readonly inFlight: number;
  /** Instead of `warmUp` and `measure`: so many sends in turn to the queues, over one connection; all are measured. */
  readonly total?: number;
}

/** The next queue for each send. */
class Sends implements Exchange {
  readonly longest: number;
  readonly #frames: readonly PreparedFrame[];
  readonly #messages: number;
  #queue = 0;
  #left: number;

  constructor(config: SendConfig) {
    this.#frames = Array.from({ length: config.queues }, (_, queueId) =>
      config.topics.map((topic) => prepareSendFrame({ ...config, topic, queueId })),
    ).flat();
    this.#messages = config.batch ?? 1;
    this.#left = config.total ?? Infinity;
    this.longest = Math.max(...this.#frames.map(({ bytes }) => bytes.length));
  }

  put(out: Buffer, at: number, _slot: number, opaque: number): number {
    if (this.#left === 0) return at;
    this.#left--;
    const frame = this.#frames[this.#queue] as PreparedFrame;
    this.#queue = (this.#queue + 1) % this.#frames.length;
    return frame.put(out, at, opaque);
  }

  take(bytes: Buffer, head: ReplyHead, end: number): number {
    expectCode(bytes, head, end);
    return this.#messages;
  }
}

const config = configuration<SendConfig>();
const tally = new Tally();
const endAll = (): Promise<unknown> => {
  for (const lane of lanes) lane.end();
  return Promise.all(lanes.map(({ closed }) => closed));
};
const stop = config.total === undefined ? undefined : startMeasuring(tally);
const lanes = Array.from(
  { length: config.connections },
  () => new Lane(config, new Sends(config), tally, fail, () => void endAll().then(() => printResult(stop?.()))),
);
for (const lane of lanes) lane.start(config.inFlight / config.connections);
if (stop === undefined) runTimed(config, tally, endAll);
