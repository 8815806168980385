import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { silentLogger, type Logger } from '../../common/src/index.js';
import { bytesBody, int, long, request, text } from '../../protocol/src/index.js';
import { createManualClock, type ManualClock } from '../../testkit/src/manual-clock.js';
import { createRemotingServer, handle, ok, type RemotingServer } from './index.js';

// What hostile or broken peers send, over real sockets, with a well-behaved peer beside them.

const probe = request('PROBE', {
  code: 34,
  server: 'broker',
  note: 'Answers what it understood.',
  header: { topic: text().optional(), queueOffset: long().optional(), queueId: int().optional() },
  reply: { seen: text() },
  requestBody: bytesBody,
});

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

function jsonFrame(header: string | Buffer, body = ''): Buffer {
  const bytes = Buffer.from(header);
  const words = Buffer.alloc(8);
  words.writeUInt32BE(4 + bytes.length + body.length, 0);
  words.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([words, bytes, Buffer.from(body)]);
}

const validHeader = (opaque: number, ext: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({ code: 34, language: 'JAVA', version: 407, opaque, flag: 0, extFields: ext });

/** A peer without manners: writes bytes, reads replies. */
class RawPeer {
  private received = Buffer.alloc(0);
  readonly ended: Promise<unknown>;

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => (this.received = Buffer.concat([this.received, chunk])));
    socket.on('error', () => undefined);
    this.ended = once(socket, 'close');
  }

  static async open(port: number): Promise<RawPeer> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawPeer(socket);
  }

  /** The header of the next reply. */
  async reply(): Promise<{ code: number; opaque: number; remark?: string; extFields?: Record<string, string> }> {
    while (this.received.length < 4 || this.received.length < 4 + this.received.readUInt32BE(0)) {
      await Promise.race([once(this.socket, 'data'), this.ended.then(() => Promise.reject(new Error('ended')))]);
    }
    const length = this.received.readUInt32BE(0);
    const headerLength = this.received.readUInt32BE(4) & 0xffffff;
    const header = this.received.toString('utf8', 8, 8 + headerLength);
    this.received = this.received.subarray(4 + length);
    return JSON.parse(header) as Awaited<ReturnType<RawPeer['reply']>>;
  }
}

describe('a server under attack', () => {
  let clock: ManualClock;
  let server: RemotingServer;
  let peers: RawPeer[];
  let warnings: { message: string; reason: unknown }[];
  const log: Logger = {
    ...silentLogger,
    warn: (message, context) => void warnings.push({ message, reason: context?.['reason'] }),
  };

  const open = async (): Promise<RawPeer> => {
    const peer = await RawPeer.open(server.port);
    peers.push(peer);
    return peer;
  };
  const serve = async (more: Partial<Parameters<typeof createRemotingServer>[0]> = {}): Promise<void> => {
    const handler = handle(probe, [], ({ header, bytes }) =>
      ok({ seen: JSON.stringify({ ...header, bytes: bytes.length }) }),
    );
    server = createRemotingServer({ clock, log, handlers: [handler], port: 0, ...more });
    await server.start();
  };
  const expectAlive = async (peer: RawPeer): Promise<void> => {
    peer.socket.write(jsonFrame(validHeader(4711)));
    expect(await peer.reply()).toMatchObject({ code: 0, opaque: 4711 });
  };

  beforeEach(async () => {
    clock = createManualClock();
    peers = [];
    warnings = [];
    await serve();
  });
  afterEach(async () => {
    for (const peer of peers) peer.socket.destroy();
    await server.close();
  });

  const binaryHead = '0022 00 0191 00000001 00000000';
  it.each<[string, Buffer, string]>([
    ['N1', hex('ffffffff'), 'frame length 4294967295 exceeds 16777216'],
    ['N2', hex('00fffffd'), 'exceeds 16777216'],
    ['N3 empty header', hex('00000004 00000000'), 'bad header'],
    ['N3 length 3', hex('00000003'), 'bad header'],
    ['N3 length 0', hex('00000000 00000000'), 'bad header'],
    ['N4', hex('00000008 00ffffff 7b7d2020'), 'bad header length'],
    ['N5', hex('00000006 02000002 7b7d'), 'unknown serialize type 2'],
    ['N6', hex(`00000019 01000015 ${binaryHead} 7fffffff 00000000`), 'remark length'],
    ['N7 ext length', hex(`00000019 01000015 ${binaryHead} 00000000 ffffffff`), 'ext fields length'],
    ['N7 key length', hex(`00000021 0100001d ${binaryHead} 00000000 00000008 ffff 000000000000`), 'ext key length'],
    ['N10 not UTF-8', jsonFrame(hex('7b22636f6465223a33342c226f7061717565223aff7d')), 'bad header'],
    ['N10 not an object', jsonFrame('[1]'), 'bad header: not an object'],
    ['N10 null', jsonFrame('null'), 'bad header: not an object'],
    ['N10 code is no number', jsonFrame('{"code":"x","opaque":1}'), 'code'],
    ['N10 1e400', jsonFrame('{"code":34,"opaque":1e400}'), 'opaque'],
    ['N10 missing opaque', jsonFrame('{"code":34}'), 'opaque is missing'],
    ['N10 extFields is a list', jsonFrame('{"code":34,"opaque":1,"extFields":[1]}'), 'extFields'],
    [
      'N10 a million arrays',
      jsonFrame(`{"code":34,"opaque":1,"a":${'['.repeat(1e6)}${']'.repeat(1e6)}}`),
      'header length',
    ],
    ['N10 30,000 arrays', jsonFrame(`{"code":34,"opaque":1,"a":${'['.repeat(3e4)}${']'.repeat(3e4)}}`), 'levels'],
  ])('%s: closes that connection, says why in one line, and serves the others', async (_name, bytes, reason) => {
    const [attacker, bystander] = [await open(), await open()];
    attacker.socket.write(bytes);
    await attacker.ended;
    expect(warnings).toHaveLength(1);
    expect(String(warnings[0]?.reason)).toContain(reason);
    await expectAlive(bystander);
    expect(server.connections.size).toBe(1);
  });

  it('N2: the longest frame that may be is waited for', async () => {
    const peer = await open();
    peer.socket.write(hex('00fffffc'));
    const bystander = await open();
    await expectAlive(bystander);
    expect(server.connections.size).toBe(2);
  });

  it('takes a frame of exactly the longest length', async () => {
    const header = validHeader(1);
    const body = 'x'.repeat(16 * 1024 * 1024 - 8 - header.length);
    const peer = await open();
    peer.socket.write(jsonFrame(header, body));
    expect((await peer.reply()).extFields?.['seen']).toContain(`"bytes":${body.length}`);
  });

  it('N8: one byte per packet, and two frames in one packet', async () => {
    const peer = await open();
    peer.socket.setNoDelay(true);
    for (const byte of jsonFrame(validHeader(1), 'body')) {
      peer.socket.write(Buffer.from([byte]));
      await new Promise(setImmediate);
    }
    expect(await peer.reply()).toMatchObject({ code: 0, opaque: 1 });
    peer.socket.write(Buffer.concat([jsonFrame(validHeader(2)), jsonFrame(validHeader(3))]));
    expect([(await peer.reply()).opaque, (await peer.reply()).opaque]).toEqual([2, 3]);
  });

  it('N8: a frame cut at any byte and then the end is closed quietly', async () => {
    const frame = jsonFrame(validHeader(1), 'body');
    for (let cut = 1; cut < frame.length; cut += 7) {
      const peer = await open();
      peer.socket.end(frame.subarray(0, cut));
      await peer.ended;
    }
    await expectAlive(await open());
    expect(warnings).toEqual([]);
    expect(server.connections.size).toBe(1);
  });

  it('N9: connections that send four bytes and fall silent are closed when idle', async () => {
    const idle = await Promise.all(Array.from({ length: 500 }, open));
    for (const peer of idle) peer.socket.write(hex('00000010'));
    const busy = await open();
    // Accepted after all the others.
    await expectAlive(busy);
    for (let i = 0; i < 13; i++) {
      clock.advance(10_000);
      await expectAlive(busy);
    }
    await Promise.all(idle.map((peer) => peer.ended));
    expect(server.connections.size).toBe(1);
  });

  it('N11: names of object members are ordinary names', async () => {
    const peer = await open();
    const ext = '{"__proto__":"a","constructor":"b","toString":"c","topic":"__proto__"}';
    peer.socket.write(jsonFrame(`{"code":34,"opaque":1,"__proto__":{"x":1},"extFields":${ext}}`));
    expect((await peer.reply()).extFields?.['seen']).toBe('{"topic":"__proto__","bytes":0}');
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it.each([
    ['queueOffset', 'abc'],
    ['queueOffset', '1e3'],
    ['queueOffset', '9223372036854775808'],
    ['queueId', '2147483648'],
    ['queueId', '1.5'],
    ['queueId', true],
  ])('N12: %s = %j is answered with 1 and the name of the field', async (field, value) => {
    const peer = await open();
    peer.socket.write(jsonFrame(validHeader(5, { [field]: value })));
    const { code, opaque, remark } = await peer.reply();
    expect({ code, opaque }).toEqual({ code: 1, opaque: 5 });
    expect(remark).toContain(field);
    await expectAlive(peer);
  });

  it('N28: responses that nobody asked for are ignored and counted', async () => {
    const peer = await open();
    for (let opaque = 0; opaque < 100; opaque++) {
      peer.socket.write(jsonFrame(`{"code":0,"flag":1,"opaque":${opaque},"language":"JAVA","version":407}`));
    }
    await expectAlive(peer);
    expect([...server.connections].map((connection) => connection.unmatchedResponses)).toEqual([100]);
  });

  it('refuses connections beyond the limit and keeps the others', async () => {
    await server.close();
    await serve({ maxConnections: 2 });
    const [first, second, third] = [await open(), await open(), await open()];
    await third.ended;
    await expectAlive(first);
    await expectAlive(second);
    expect(warnings.map(({ message }) => message)).toEqual(['refusing a connection: 2 are open']);
  });

  it('lets nobody wait long behind a connection with very many frames', async () => {
    const [greedy, modest] = [await open(), await open()];
    const flood = Buffer.concat(Array.from({ length: 4000 }, (_, i) => jsonFrame(validHeader(i))));
    greedy.socket.write(flood);
    await expectAlive(modest);
    for (let i = 0; i < 4000; i++) expect((await greedy.reply()).opaque).toBe(i);
  });
});
