import { afterEach, describe, expect, it } from '@jest/globals';
import { Socket } from 'node:net';
import { silentLogger, systemClock } from '../../common/src/index.js';
import { bytesBody, int, request } from '../../protocol/src/index.js';
import { createRemotingClient, createRemotingServer, handle, ok, type AnyHandler } from './index.js';
import { ReceiveBuffer } from './receive-buffer.js';

const later = request('LATER', {
  code: 9005,
  server: 'broker',
  note: 'Answers with its own body, when others have been served.',
  header: { size: int() },
  requestBody: bytesBody,
  replyBody: bytesBody,
});
const noise = request('NOISE', {
  code: 9006,
  server: 'broker',
  note: 'Comes in between.',
  header: {},
  requestBody: bytesBody,
});

const noiseHandler = handle(noise, [], () => ok({}), { borrowsFrame: true });
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Sends one request, then others on another connection before the handler goes on; gives what was answered. */
async function answerTo(handler: AnyHandler, entered: Promise<void>, goOn: () => void, size: number): Promise<Buffer> {
  const options = { clock: systemClock, log: silentLogger };
  const server = createRemotingServer({ ...options, port: 0, handlers: [handler, noiseHandler] });
  const [one, other] = [0, 1].map(() => createRemotingClient({ ...options, handlers: [] })) as [
    ReturnType<typeof createRemotingClient>,
    ReturnType<typeof createRemotingClient>,
  ];
  await server.start();
  closers.push(
    () => server.close(),
    () => one.close(),
    () => other.close(),
  );
  const address = `127.0.0.1:${server.port}`;
  const call = one.call(address, later, { size }, { body: Buffer.alloc(size, 'a'), extra: { mark: 'mine' } });
  await entered;
  for (let i = 0; i < 8; i++) await other.call(address, noise, {}, { body: Buffer.alloc(64 * 1024, 'z') });
  goOn();
  return Buffer.concat([(await call).body].flat());
}

function gate(): { entered: Promise<void>; enter: () => void; open: Promise<void>; goOn: () => void } {
  let [enter, goOn] = [(): void => undefined, (): void => undefined];
  const entered = new Promise<void>((resolve) => (enter = resolve));
  const open = new Promise<void>((resolve) => (goOn = resolve));
  return { entered, enter, open, goOn };
}

describe('the buffer all connections are read into', () => {
  // Copied, gathered in a buffer of its own, and sent by reference.
  it.each([100, 20_000, 600_000])('leaves %d bytes to a handler that goes on later', async (size) => {
    const { entered, enter, open, goOn } = gate();
    const handler = handle(later, [], async ({ bytes }) => {
      enter();
      await open;
      return ok({}, { body: bytes });
    });
    expect((await answerTo(handler, entered, goOn, size)).equals(Buffer.alloc(size, 'a'))).toBe(true);
  });

  it('leaves nothing of others to a handler that borrows the frame and goes on later', async () => {
    const { entered, enter, open, goOn } = gate();
    const run = async (look: () => string) => {
      const before = look();
      enter();
      await open;
      return ok<typeof later>({}, { body: Buffer.from(`${before}, then ${look()}`) });
    };
    const handler = handle(
      later,
      [],
      (exchange) => run(() => `${String(exchange.ext.mark)} ${exchange.bytes.length}`),
      {
        borrowsFrame: true,
      },
    );
    expect(String(await answerTo(handler, entered, goOn, 100))).toBe('mine 100, then undefined 0');
  });

  it('is not used where sockets have no handle that reads into it', () => {
    const accepted = new Socket();
    expect(new ReceiveBuffer().socketFor(accepted, () => undefined)).toBeUndefined();
    expect(accepted.destroyed).toBe(false);
  });
});
