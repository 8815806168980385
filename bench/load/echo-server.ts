/*
 * The least a server can do for a frame: it reads its length and answers with a reply prepared before, into which the
 * request's id is copied from a known place. One write for what a read brought. Argument: one JSON text, see EchoConfig;
 * prints "boot success <port>".
 */
import { createServer, type Socket } from 'node:net';
import { ByteSink, encodeHead, encodeHeader, sendMessageV2, Serializer } from '../../libs/protocol/src/index.js';
import { configuration } from './timed-run.js';

export interface EchoConfig {
  readonly port: number;
  readonly serializer: 'JSON' | 'ROCKETMQ';
  /** Where the id lies in a request, and its length. */
  readonly opaqueAt: number;
  readonly opaqueLength: number;
}

const anyOpaque = 1_000_000_000;

function prepareReply(serializer: EchoConfig['serializer']): { bytes: Buffer; opaqueAt: number } {
  const sink = new ByteSink();
  const head = { code: 0, language: 0, version: 407, opaque: anyOpaque, flag: 1, remark: '' };
  const reply = { msgId: '7F00000100002A9F0000000000000000', queueId: 0, queueOffset: 0 };
  const fields = encodeHeader(sendMessageV2.reply, reply);
  encodeHead(sink, { ...head, serializer: Serializer[serializer] }, fields, 0);
  const bytes = Buffer.from(sink.written());
  return { bytes, opaqueAt: serializer === 'JSON' ? bytes.indexOf('"opaque":') + 9 : 13 };
}

const config = configuration<EchoConfig>();
const reply = prepareReply(config.serializer);

function serve(socket: Socket): void {
  let partial: Buffer | undefined;
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    const bytes = partial === undefined ? chunk : Buffer.concat([partial, chunk]);
    const frames: number[] = [];
    let at = 0;
    while (bytes.length - at >= 4) {
      const end = at + 4 + bytes.readInt32BE(at);
      if (end > bytes.length) break;
      frames.push(at);
      at = end;
    }
    partial = at < bytes.length ? bytes.subarray(at) : undefined;
    if (frames.length === 0) return;
    const out = Buffer.allocUnsafe(frames.length * reply.bytes.length);
    frames.forEach((frame, i) => {
      const to = i * reply.bytes.length;
      reply.bytes.copy(out, to);
      const from = frame + config.opaqueAt;
      bytes.copy(out, to + reply.opaqueAt, from, from + config.opaqueLength);
    });
    socket.write(out);
  });
}

createServer(serve).listen(config.port, '127.0.0.1', () => process.stdout.write('boot success\n'));
