import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { silentLogger, systemClock } from '../../common/src/index.js';
import { bytesBody, int, request, text, type Declaration, type HeaderOf } from '../../protocol/src/index.js';
import { createManualClock } from '../../testkit/src/manual-clock.js';
import {
  createRemotingClient,
  createRemotingServer,
  fail,
  handle,
  hold,
  ok,
  type AnyHandler,
  type ClientOptions,
  type Connection,
  type Exchange,
  type RemotingClient,
  type RemotingServer,
  type ServerOptions,
} from './index.js';

const echoHeader = { text: text(), count: int().or(7), extra: text().optional() };
const echo = request('ECHO', {
  code: 9001,
  server: 'broker',
  note: 'Says what it heard.',
  header: echoHeader,
  reply: echoHeader,
  requestBody: bytesBody,
  replyBody: bytesBody,
});
const park = request('PARK', { code: 9002, server: 'broker', note: 'Waits.', reply: { offset: int() } });
const poke = request('POKE', { code: 9003, server: 'client', note: 'Server to client.', reply: { who: text() } });
const burst = request('BURST', {
  code: 9004,
  server: 'broker',
  note: 'Large answers.',
  header: { size: int() },
  replyBody: bytesBody,
});

const echoHandler = handle(echo, [], (exchange) =>
  ok(exchange.header, { body: Buffer.from(exchange.bytes), remark: 'heard' }),
);

describe('remoting', () => {
  const closers: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  const serve = async (handlers: readonly AnyHandler[], more: Partial<ServerOptions> = {}): Promise<RemotingServer> => {
    const server = createRemotingServer({ clock: systemClock, log: silentLogger, handlers, port: 0, ...more });
    await server.start();
    closers.push(() => server.close());
    return server;
  };
  const client = (more: Partial<ClientOptions> = {}): RemotingClient => {
    const made = createRemotingClient({ clock: createManualClock(), log: silentLogger, handlers: [], ...more });
    closers.push(() => made.close());
    return made;
  };
  const at = (server: RemotingServer): string => `127.0.0.1:${server.port}`;

  it.each(['JSON', 'ROCKETMQ'] as const)('carries header, body and remark both ways in %s', async (serializer) => {
    const server = await serve([echoHandler]);
    const body = Buffer.alloc(100_000, 'abc');
    const reply = await client({ serializer }).call(at(server), echo, { text: 'größe "q"', count: -3 }, { body });
    expect(reply.header).toEqual({ text: 'größe "q"', count: -3 });
    expect(reply.remark).toBe('heard');
    expect(Buffer.compare(reply.body as Buffer, body)).toBe(0);
  });

  it('keeps a thousand calls apart on one connection, whatever their size', async () => {
    const server = await serve([echoHandler]);
    const caller = client();
    const sizes = [0, 1, 100, 4096, 8192, 8193, 70_000];
    const calls = Array.from({ length: 1050 }, async (_, i) => {
      const body = Buffer.alloc(sizes[i % sizes.length] as number, i % 251);
      const reply = await caller.call(at(server), echo, { text: `t${i}`, count: i }, { body });
      expect(reply.header).toEqual({ text: `t${i}`, count: i });
      expect(body.equals(reply.body as Buffer)).toBe(true);
    });
    await Promise.all(calls);
    expect(server.connections.size).toBe(1);
    expect(caller.addresses()).toEqual([at(server)]);
  });

  it('answers held requests later, in any order', async () => {
    const held: Exchange<typeof park>[] = [];
    const parked = handle(park, [], (exchange) => {
      held.push(exchange);
      return hold;
    });
    const server = await serve([parked, echoHandler]);
    const caller = client();
    const first = caller.call(at(server), park, {});
    const second = caller.call(at(server), park, {});
    await caller.call(at(server), echo, { text: 'not blocked', count: 1 });
    held[1]?.reply(ok({ offset: 2 }));
    expect((await second).header.offset).toBe(2);
    held[0]?.reply(ok({ offset: 1 }));
    held[0]?.reply(ok({ offset: 99 }));
    expect((await first).header.offset).toBe(1);
  });

  it('takes requests in both directions at once, with the same opaque ids', async () => {
    const peers: Connection[] = [];
    const server = await serve([echoHandler], { onConnection: (connection) => peers.push(connection) });
    const caller = client({ handlers: [handle(poke, [], () => ok({ who: 'client' }))] });
    await caller.call(at(server), echo, { text: 'connect', count: 0 });
    const there = Array.from({ length: 50 }, (_, i) => caller.call(at(server), echo, { text: 'x', count: i }));
    const back = Array.from({ length: 50 }, async () => peers[0]?.call(poke, {}));
    const counts = (await Promise.all(there)).map((reply) => reply.header.count);
    expect(counts).toEqual(Array.from({ length: 50 }, (_, i) => i));
    for (const reply of await Promise.all(back)) expect(reply?.header.who).toBe('client');
  });

  it("answers unknown codes with 3 and Apache's remark", async () => {
    const server = await serve([]);
    await expect(client().call(at(server), park, {})).rejects.toMatchObject({
      code: 'REQUEST_REFUSED',
      responseCode: 3,
      remark: ' request type 9002 not supported',
    });
  });

  it('answers 1 with the message when a handler throws or rejects, and lives on', async () => {
    const failing = handle(park, [], () => {
      throw new Error('the disk is gone');
    });
    const rejecting = handle(burst, [], () => Promise.reject(new Error('later too')));
    const server = await serve([failing, rejecting, echoHandler]);
    const caller = client();
    await expect(caller.call(at(server), park, {})).rejects.toMatchObject({
      responseCode: 1,
      remark: 'the disk is gone',
    });
    await expect(caller.call(at(server), burst, { size: 1 })).rejects.toMatchObject({ remark: 'later too' });
    expect((await caller.call(at(server), echo, { text: 'alive', count: 1 })).header.text).toBe('alive');
    expect(server.connections.size).toBe(1);
  });

  it('asks guards in order, and the first refusal wins', async () => {
    const guarded = handle(park, [() => undefined, () => fail(16, 'second guard'), () => fail(1, 'third guard')], () =>
      ok({ offset: 1 }),
    );
    const server = await serve([guarded]);
    await expect(client().call(at(server), park, {})).rejects.toMatchObject({
      responseCode: 16,
      remark: 'second guard',
    });
  });

  it('hands accepted refusals back as replies, with the fields they carry', async () => {
    const server = await serve([handle(park, [], () => fail(19, 'nothing yet', { offset: 5 }))]);
    const reply = await client().call(at(server), park, {}, { accept: [19] });
    expect([reply.code, reply.header.offset, reply.remark]).toEqual([19, 5, 'nothing yet']);
    const bare = await serve([handle(park, [], () => fail(19, 'nothing'))]);
    expect((await client().call(at(bare), park, {}, { accept: [19] })).header).toEqual({});
  });

  it('names the header field that is wrong', async () => {
    const loose = request('LOOSE', { code: echo.code, server: 'broker', note: '', header: { count: text() } });
    const server = await serve([echoHandler]);
    const caller = client();
    await expect(caller.call(at(server), loose, { count: '1e3' })).rejects.toMatchObject({
      responseCode: 1,
      remark: expect.stringContaining('text'),
    });
    await expect(caller.call(at(server), loose, { count: 'abc' }, { extra: { text: 't' } })).rejects.toMatchObject({
      remark: expect.stringContaining('count'),
    });
  });

  it('never answers a one-way request, whatever becomes of it', async () => {
    const seen: string[] = [];
    let arrived = (): void => undefined;
    const all = new Promise<void>((resolve) => (arrived = resolve));
    const silent = handle(echo, [], (exchange) => {
      seen.push(exchange.header.text);
      if (exchange.header.text === 'last') arrived();
      if (exchange.header.text === 'throws') throw new Error('nobody hears');
      return fail(1, 'nobody hears');
    });
    const server = await serve([silent]);
    const caller = client();
    const address = at(server);
    for (const word of ['refused', 'throws', 'last']) await caller.oneWay(address, echo, { text: word, count: 0 });
    await caller.oneWay(address, park, {});
    await all;
    await expect(caller.call(address, park, {})).rejects.toMatchObject({ responseCode: 3 });
    expect(seen).toEqual(['refused', 'throws', 'last']);
    expect(caller.connection(address)?.unmatchedResponses).toBe(0);
  });

  it('ends calls at their own deadlines, and ignores the late answer', async () => {
    const clock = createManualClock();
    const held: Exchange<typeof park>[] = [];
    let heldTwo = (): void => undefined;
    const two = new Promise<void>((resolve) => (heldTwo = resolve));
    const parked = handle(park, [], (exchange) => {
      if (held.push(exchange) === 2) heldTwo();
      return hold;
    });
    const server = await serve([parked, echoHandler]);
    const caller = client({ clock });
    const address = at(server);
    const connect = caller.call(address, echo, { text: '', count: 0 });
    await connect;
    const outcomes: string[] = [];
    const long = caller.call(address, park, {}, { timeout: 5000 }).catch((e: Error) => outcomes.push(e.message));
    const short = caller.call(address, park, {}, { timeout: 100 }).catch((e: Error) => outcomes.push(e.message));
    await two;
    clock.advance(99);
    await caller.call(address, echo, { text: '', count: 0 });
    expect(outcomes).toEqual([]);
    clock.advance(1);
    await short;
    expect(outcomes).toEqual([`PARK to ${address}: no answer within 100 ms`]);
    held[1]?.reply(ok({ offset: 1 }));
    await caller.call(address, echo, { text: '', count: 0 });
    expect(caller.connection(address)?.unmatchedResponses).toBe(1);
    clock.advance(4900);
    await long;
    expect(outcomes[1]).toContain('5000 ms');
  });

  it('bounds the calls under way', async () => {
    const server = await serve([handle(park, [], () => hold), echoHandler]);
    const caller = client({ maxInFlight: 3 });
    await caller.call(at(server), echo, { text: '', count: 0 });
    const parked = Array.from({ length: 3 }, () =>
      caller.call(at(server), park, {}).catch((e: { code: string }) => e.code),
    );
    await expect(caller.call(at(server), park, {})).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    caller.disconnect(at(server));
    expect(await Promise.all(parked)).toEqual(['CONNECTION_FAILED', 'CONNECTION_FAILED', 'CONNECTION_FAILED']);
  });

  it('stops waiting when the signal aborts', async () => {
    const server = await serve([handle(park, [], () => hold)]);
    const stop = new AbortController();
    const call = client().call(at(server), park, {}, { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
  });

  it('rejects calls under way when the server goes, tells, and reconnects with the next call', async () => {
    const gone: string[] = [];
    const first = await serve([handle(park, [], () => hold), echoHandler]);
    const caller = client({ onDisconnect: (address) => gone.push(address) });
    const address = at(first);
    await caller.call(address, echo, { text: '', count: 0 });
    const call = caller.call(address, park, {});
    const rejected = expect(call).rejects.toMatchObject({
      code: 'CONNECTION_FAILED',
      message: expect.stringContaining(address),
    });
    await first.close();
    await rejected;
    expect(gone).toEqual([address]);
    await expect(caller.call(address, park, {})).rejects.toMatchObject({
      code: 'CONNECTION_FAILED',
      message: `${address} does not answer (ECONNREFUSED)`,
    });
    await serve([echoHandler], { port: first.port });
    expect((await caller.call(address, echo, { text: 'again', count: 1 })).header.text).toBe('again');
  });

  it('says in one sentence that a port is taken', async () => {
    const server = await serve([]);
    const second = createRemotingServer({ clock: systemClock, log: silentLogger, handlers: [], port: server.port });
    await expect(second.start()).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      message: `port ${server.port} on 127.0.0.1 is taken; stop the program that listens there, or set another port`,
    });
    await second.close();
  });

  it('refuses two handlers for one code', () => {
    const options = { clock: systemClock, log: silentLogger, port: 0, handlers: [echoHandler, echoHandler] };
    expect(() => createRemotingServer(options)).toThrow('code 9001 has two handlers');
  });

  it('closes idle connections on both sides, and not busy ones', async () => {
    const clock = createManualClock();
    const server = await serve([echoHandler], { clock, idleTimeout: 1200 });
    const caller = client();
    await caller.call(at(server), echo, { text: '', count: 0 });
    clock.advance(1100);
    await caller.call(at(server), echo, { text: '', count: 0 });
    clock.advance(1100);
    expect(server.connections.size).toBe(1);
    const ended = new Promise((resolve) => caller.connection(at(server))?.onClose(resolve));
    clock.advance(200);
    expect(server.connections.size).toBe(0);
    await ended;
    expect(caller.addresses()).toEqual([]);
  });

  it('gives up connecting in time', async () => {
    const clock = createManualClock();
    // A backlog that is full makes the kernel leave further connects unanswered.
    const deaf = createServer();
    deaf.listen({ port: 0, host: '127.0.0.1', backlog: 1 });
    await once(deaf, 'listening');
    closers.push(() => new Promise((resolve) => deaf.close(() => resolve())));
    const caller = client({ clock, connectTimeout: 500 });
    const call = caller.call('10.255.255.1:9', park, {}, { timeout: 200 });
    clock.advance(200);
    await expect(call).rejects.toMatchObject({ message: expect.stringMatching(/10\.255\.255\.1:9/) });
  });

  it('refuses calls after close, and both closes are idempotent', async () => {
    const server = await serve([echoHandler]);
    const caller = client();
    await caller.call(at(server), echo, { text: '', count: 0 });
    await Promise.all([caller.close(), caller.close()]);
    await expect(caller.call(at(server), echo, { text: '', count: 0 })).rejects.toMatchObject({ code: 'CLOSED' });
    await Promise.all([server.close(), server.close()]);
    expect(server.connections.size).toBe(0);
  });
});

// Keeps the declared types honest: what a handler sees is what a caller must give.
type EchoSeen = typeof echo extends Declaration<infer H, infer _R, infer _Q, infer _P> ? HeaderOf<H> : never;
const sample: EchoSeen = { text: 'a', count: 1 };
void sample;
