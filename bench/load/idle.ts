/*
 * Connections that had one reply each and then do nothing. Argument: one JSON text, see IdleConfig. Prints "measure" before
 * the first and "end" when all are idle, and ends after a while.
 */
import { expectCode, Lane, Tally, type LaneConfig } from './lane.js';
import { prepareSendFrame } from './send-frame.js';
import { announce, configuration, fail, printResult } from './timed-run.js';

export interface IdleConfig extends LaneConfig {
  readonly topic: string;
  readonly connections: number;
  /** Milliseconds they are idle for. */
  readonly hold: number;
}

/** At once, so that the broker's queue of new connections does not overflow. */
const group = 100;

const config = configuration<IdleConfig>();
const frame = prepareSendFrame({ topic: config.topic, queueId: 0, bodySize: 16, serializer: 'JSON' });
const tally = new Tally();
const lanes: Lane[] = [];

function connect(): Promise<void> {
  return new Promise((answered) => {
    let isSent = false;
    const exchange = {
      longest: frame.bytes.length,
      put(out: Buffer, at: number, _slot: number, opaque: number): number {
        if (isSent) return at;
        isSent = true;
        return frame.put(out, at, opaque);
      },
      take(bytes: Buffer, head: Parameters<typeof expectCode>[1], end: number): number {
        expectCode(bytes, head, end);
        return 1;
      },
    };
    const lane = new Lane(config, exchange, tally, fail, answered);
    lane.start(1);
    lanes.push(lane);
  });
}

announce('measure');
while (lanes.length < config.connections) await Promise.all(Array.from({ length: group }, connect));
announce('end');
await new Promise((done) => setTimeout(done, config.hold));
for (const lane of lanes) lane.end();
await Promise.all(lanes.map(({ closed }) => closed));
printResult({ connections: lanes.length });
