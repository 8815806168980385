import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { silentLogger, systemClock } from '../../common/src/index.js';
import { bytesBody, decodeCommand, int, request } from '../../protocol/src/index.js';
import { FrameReader } from './frame-reader.js';
import {
  createRemotingClient,
  createRemotingServer,
  handle,
  hold,
  ok,
  type Connection,
  type Exchange,
} from './index.js';

const burst = request('BURST', {
  code: 9004,
  server: 'broker',
  note: 'Large answers.',
  header: { size: int() },
  requestBody: bytesBody,
  replyBody: bytesBody,
});

const limit = 1024 * 1024;

function askFrame(opaque: number, size: number): Buffer {
  const header = `{"code":9004,"language":"JAVA","version":407,"opaque":${opaque},"flag":0,"extFields":{"size":"${size}"}}`;
  const words = Buffer.alloc(8);
  words.writeUInt32BE(4 + header.length, 0);
  words.writeUInt32BE(header.length, 4);
  return Buffer.concat([words, Buffer.from(header)]);
}

describe('backpressure', () => {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  const serve = async (
    run: (
      exchange: Exchange<typeof burst>,
    ) => ReturnType<typeof ok<typeof burst>> | typeof hold | Promise<ReturnType<typeof ok<typeof burst>>>,
  ) => {
    const connections: Connection[] = [];
    const server = createRemotingServer({
      clock: systemClock,
      log: silentLogger,
      port: 0,
      maxPendingBytes: limit,
      handlers: [handle(burst, [], run)],
      onConnection: (connection) => connections.push(connection),
    });
    await server.start();
    closers.push(() => server.close());
    return { server, connections };
  };
  const rawPeer = async (port: number): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    closers.push(() => socket.destroy());
    return socket;
  };

  it('stops serving a peer that does not read, serves others meanwhile, and loses nothing when it reads', async () => {
    // Some bodies are copied into the buffer that is sent, some go by reference.
    const sizes = Array.from({ length: 900 }, (_, i) => (i % 3 === 0 ? 6000 : 64 * 1024));
    let served = 0;
    const { server } = await serve(({ header }) => {
      const isOther = header.size === 1;
      return ok({}, { body: Buffer.alloc(header.size, isOther ? 0 : served++ % 251) });
    });
    const slow = await rawPeer(server.port);
    slow.pause();
    slow.write(Buffer.concat(sizes.map((size, i) => askFrame(i, size))));
    const other = createRemotingClient({ clock: systemClock, log: silentLogger, handlers: [] });
    closers.push(() => other.close());
    // Until it is full: each call goes through the same event loop as the slow peer's requests.
    for (let quiet = 0; quiet < 20;) {
      const before = served;
      await other.call(`127.0.0.1:${server.port}`, burst, { size: 1 });
      quiet = served === before ? quiet + 1 : 0;
    }
    // The limit, and what the two kernel buffers took.
    const waiting = sizes.slice(0, served).reduce((sum, size) => sum + size, 0);
    expect(waiting).toBeLessThan(limit + 16 * 1024 * 1024);
    const reader = new FrameReader();
    let next = 0;
    slow.resume();
    for await (const chunk of slow as AsyncIterable<Buffer>) {
      reader.push(chunk);
      for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
        const { opaque, body } = decodeCommand(frame);
        expect(opaque).toBe(next);
        expect(body.equals(Buffer.alloc(sizes[next] as number, next % 251))).toBe(true);
        next++;
      }
      if (next === sizes.length) break;
    }
    expect(served).toBe(sizes.length);
  });

  it('lets others have their turn while one asks without end', async () => {
    let asked = 0;
    let askedBefore = -1;
    const { server } = await serve(({ header }) => {
      if (header.size === 1) askedBefore = asked;
      else asked++;
      return ok({}, { body: Buffer.alloc(header.size) });
    });
    const greedy = await rawPeer(server.port);
    const other = await rawPeer(server.port);
    const flood = Buffer.concat(Array.from({ length: 10_000 }, (_, i) => askFrame(i, 2)));
    const answered = once(other, 'data');
    greedy.resume();
    greedy.write(flood);
    other.write(askFrame(1, 1));
    await answered;
    // Two turns: the second connection may be looked at before or after the first one.
    expect(askedBefore).toBeGreaterThanOrEqual(0);
    expect(askedBefore).toBeLessThanOrEqual(2 * 512);
  });

  it('reads no more from a peer while many of its answers are under way, and loses none', async () => {
    const waiting: (() => void)[] = [];
    let served = 0;
    const { server } = await serve(({ header }) => {
      served++;
      return new Promise((resolve) => waiting.push(() => resolve(ok({}, { body: Buffer.alloc(header.size) }))));
    });
    const peer = await rawPeer(server.port);
    const other = await rawPeer(server.port);
    const reader = new FrameReader();
    const answers: number[] = [];
    peer.on('data', (chunk: Buffer) => {
      reader.push(chunk);
      while (reader.advance()) answers.push(reader.end - reader.start);
    });
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    peer.write(Buffer.concat(Array.from({ length: 200 }, (_, i) => askFrame(i, 10))));
    // The second connection is served: all that may come of the first has come by then.
    for (let i = 0; i < 3; i++) {
      other.write(askFrame(i, 1));
      while (waiting.length < 65 + i) await turn();
      expect(served).toBe(65 + i);
    }
    while (answers.length < 200) {
      for (const answer of waiting.splice(0)) answer();
      await turn();
    }
    expect(served).toBe(203);
  });

  it('lets go of a peer that takes none of the replies it had waited for', async () => {
    const held: Exchange<typeof burst>[] = [];
    let complete = (): void => undefined;
    const allHeld = new Promise<void>((resolve) => (complete = resolve));
    const { server, connections } = await serve((exchange) => {
      if (held.push(exchange) === 100) complete();
      return hold;
    });
    const slow = await rawPeer(server.port);
    slow.pause();
    slow.write(Buffer.concat(Array.from({ length: 100 }, (_, i) => askFrame(i, 1))));
    await allHeld;
    const ended = new Promise<string>((resolve) => connections[0]?.onClose(resolve));
    for (const exchange of held) exchange.reply(ok({}, { body: Buffer.alloc(limit) }));
    expect(await ended).toBe('the peer does not read');
    expect(held[0]?.bytes).toHaveLength(0);
  });

  it('refuses calls to a server that does not read', async () => {
    const deaf = createServer((socket) => {
      socket.pause();
      closers.push(() => socket.destroy());
    });
    deaf.listen(0, '127.0.0.1');
    await once(deaf, 'listening');
    const address = `127.0.0.1:${(deaf.address() as AddressInfo).port}`;
    const client = createRemotingClient({
      clock: systemClock,
      log: silentLogger,
      handlers: [],
      maxPendingBytes: limit,
    });
    const calls: Promise<unknown>[] = [];
    await client.oneWay(address, burst, { size: 0 });
    const body = Buffer.alloc(256 * 1024);
    for (let i = 0; i < 100; i++) {
      const call = client.call(address, burst, { size: 1 }, { body });
      calls.push(call.catch((error: { code: string }) => error.code));
      await new Promise(setImmediate);
    }
    await expect(client.oneWay(address, burst, { size: 0 })).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    await client.close();
    const codes = new Set(await Promise.all(calls));
    expect(codes).toEqual(new Set(['TOO_MANY_REQUESTS', 'CONNECTION_FAILED']));
    deaf.close();
  });
});
