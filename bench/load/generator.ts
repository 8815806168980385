/*
 * The load process. Arguments: one JSON text, see LoadConfig. Prints one JSON line, see LoadResult.
 *
 * Prebuilt frames are copied into one buffer per connection and turn of the event loop, and written at once; every reply
 * is checked. Costs a fraction of what a real client costs, so that the broker is what is measured.
 */
import { connect, type Socket } from 'node:net';
import { LatencyHistogram } from '../statistics.js';
import { firstOpaque, patchMessage, prepareSendFrame, readReply, type PreparedFrame } from './frames.js';

export interface LoadConfig {
  readonly host: string;
  readonly port: number;
  readonly topic: string;
  readonly queues: number;
  readonly bodySize: number;
  readonly serializer: 'JSON' | 'ROCKETMQ';
  readonly connections: number;
  /** Over all connections. */
  readonly inFlight: number;
  /** Milliseconds; the parent reads the broker's CPU time at "measure" and "end". */
  readonly warmUp: number;
  readonly measure: number;
}

export interface LoadResult {
  readonly replies: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
}

type Phase = 'warm-up' | 'measure' | 'end';

class Lane {
  readonly #socket: Socket;
  readonly #frames: readonly PreparedFrame[];
  readonly #json: boolean;
  readonly #started: Float64Array;
  readonly #size: number;
  #next = 0;
  #queue = 0;
  #partial: Buffer | undefined;
  phase: Phase = 'warm-up';
  replies = 0;
  inFlight = 0;

  constructor(
    config: LoadConfig,
    readonly histogram: LatencyHistogram,
    readonly fail: (error: Error) => void,
  ) {
    this.#json = config.serializer === 'JSON';
    this.#frames = Array.from({ length: config.queues }, (_, queueId) => prepareSendFrame({ ...config, queueId }));
    this.#size = (this.#frames[0] as PreparedFrame).bytes.length;
    // A window of ids far wider than what is in flight, so that an id is never taken twice at once.
    this.#started = new Float64Array(1 << 16);
    this.#socket = connect({ host: config.host, port: config.port, noDelay: true });
    this.#socket.on('data', (chunk) => this.#read(chunk));
    this.#socket.on('error', fail);
    this.#socket.on('close', () => {
      if (this.phase !== 'end' || this.inFlight > 0) fail(new Error('the broker closed a connection'));
    });
  }

  send(count: number): void {
    const out = Buffer.allocUnsafe(count * this.#size);
    const now = performance.now();
    let at = 0;
    for (let i = 0; i < count; i++) {
      const frame = this.#frames[this.#queue] as PreparedFrame;
      this.#queue = (this.#queue + 1) % this.#frames.length;
      frame.bytes.copy(out, at);
      const slot = this.#next++ & 0xffff;
      this.#started[slot] = now;
      patchMessage(out, at, frame, firstOpaque + slot, this.#json);
      at += frame.bytes.length;
    }
    this.inFlight += count;
    this.#socket.write(out.subarray(0, at));
  }

  end(): void {
    this.phase = 'end';
    if (this.inFlight === 0) this.#socket.end();
  }

  #read(chunk: Buffer): void {
    const bytes = this.#partial === undefined ? chunk : Buffer.concat([this.#partial, chunk]);
    const now = performance.now();
    let at = 0;
    let answered = 0;
    while (bytes.length - at >= 4) {
      const end = at + 4 + bytes.readInt32BE(at);
      if (end > bytes.length) break;
      try {
        this.#take(readReply(bytes, at + 4, end), now);
      } catch (error) {
        return this.fail(error as Error);
      }
      answered++;
      at = end;
    }
    this.#partial = at < bytes.length ? bytes.subarray(at) : undefined;
    this.inFlight -= answered;
    if (this.phase === 'end') {
      if (this.inFlight === 0) this.#socket.end();
    } else if (answered > 0) this.send(answered);
  }

  #take(opaque: number, now: number): void {
    const slot = opaque - firstOpaque;
    const started = this.#started[slot];
    if (started === undefined || started === 0) throw new Error(`a reply to an id that is not in flight: ${opaque}`);
    this.#started[slot] = 0;
    if (this.phase !== 'measure') return;
    this.replies++;
    this.histogram.record((now - started) * 1000);
  }
}

function run(config: LoadConfig): void {
  const histogram = new LatencyHistogram();
  const fail = (error: Error): void => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  };
  const lanes = Array.from({ length: config.connections }, () => new Lane(config, histogram, fail));
  for (const lane of lanes) lane.send(config.inFlight / config.connections);
  setTimeout(() => {
    for (const lane of lanes) lane.phase = 'measure';
    process.stdout.write('measure\n');
    const begun = performance.now();
    setTimeout(() => {
      const seconds = (performance.now() - begun) / 1000;
      process.stdout.write('end\n');
      const replies = lanes.reduce((sum, lane) => sum + lane.replies, 0);
      for (const lane of lanes) lane.end();
      const result: LoadResult = { replies, seconds, p50: histogram.percentile(0.5), p99: histogram.percentile(0.99) };
      process.stdout.write(`${JSON.stringify(result)}\n`);
    }, config.measure);
  }, config.warmUp);
}

run(JSON.parse(process.argv[2] ?? '{}') as LoadConfig);
