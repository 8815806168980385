import { fileURLToPath } from 'node:url';
import { freeBrokerPort } from '../../libs/testkit/src/index.js';
import type { EchoConfig } from '../load/echo-server.js';
import { prepareSendFrame, type SendFrameOptions } from '../load/send-frame.js';
import type { Bench, Contestant } from '../runner/benchmark.js';
import { startServer } from './server-process.js';

/** A server that only answers: what any Node server pays for a frame. */
export interface EchoSide extends Contestant {
  readonly port: number;
  readonly pid: number;
}

/** For the frames of such sends. */
export async function startEcho(bench: Bench, frames: Omit<SendFrameOptions, 'queueId'>): Promise<EchoSide> {
  const { opaqueAt, opaqueLength } = prepareSendFrame({ ...frames, queueId: 0 });
  const port = await freeBrokerPort();
  const config: EchoConfig = { port, serializer: frames.serializer, opaqueAt, opaqueLength };
  const script = fileURLToPath(new URL('../load/echo-server.js', import.meta.url));
  const server = startServer({
    name: 'echo',
    program: process.execPath,
    args: [script, JSON.stringify(config)],
    home: bench.directory,
  });
  bench.afterwards(() => server.end('SIGTERM'));
  await server.booted;
  return { name: 'echo', version: process.version, kind: 'echo', port, pid: server.pid };
}
