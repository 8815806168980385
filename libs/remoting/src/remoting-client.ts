import { connect as connectSocket, type Socket } from 'node:net';
import { codeOf, messageOf, RocketMQError, type Clock } from '../../common/src/index.js';
import {
  languageCode,
  maxReplyHeaderLength,
  Serializer,
  type Declaration,
  type Fields,
  type HeaderInput,
  type HeaderOf,
} from '../../protocol/src/index.js';
import { parseAddress } from './address.js';
import type { CallOptions, CodedReply, Connection, ReplyReceiver } from './connection.js';
import { ConnectionSet } from './connection-set.js';
import { createEndpoint, defaultIdleTimeout } from './endpoint.js';
import type { ClientOptions } from './options.js';
import { defaultCallTimeout } from './pending-call.js';
import { SocketConnection } from './socket-connection.js';

/** One connection per address, made when first needed, shared by all calls. */
export interface RemotingClient {
  /** Connects when needed; `timeout` covers connecting too. */
  call<H extends Fields, R extends Fields, Q, P>(
    address: string,
    declaration: Declaration<H, R, Q, P>,
    header: HeaderInput<H>,
    options?: CallOptions<Q>,
  ): Promise<CodedReply<HeaderOf<R>, P>>;
  /** As `call`; the outcome goes to `receiver`, possibly at once. Never throws. */
  request<H extends Fields, R extends Fields, Q, P>(
    address: string,
    declaration: Declaration<H, R, Q, P>,
    header: HeaderInput<H>,
    options: CallOptions<Q>,
    receiver: ReplyReceiver<HeaderOf<R>, P>,
  ): void;
  /** Resolves once handed to the socket. */
  oneWay<H extends Fields, R extends Fields, Q, P>(
    address: string,
    declaration: Declaration<H, R, Q, P>,
    header: HeaderInput<H>,
    options?: Pick<CallOptions<Q>, 'body' | 'extra'>,
  ): Promise<void>;
  /** The open connection to `address`, if there is one. */
  connection(address: string): Connection | undefined;
  /** Addresses with an open connection. */
  addresses(): string[];
  disconnect(address: string): void;
  /** Closes all connections; later calls reject with CLOSED. */
  close(): Promise<void>;
}

/** @throws RocketMQError ARGUMENT_INVALID when two handlers serve one code */
export function createRemotingClient(options: ClientOptions): RemotingClient {
  return new SocketClient(options);
}

class SocketClient implements RemotingClient {
  private readonly endpoint;
  private readonly connections: ConnectionSet;
  private readonly byAddress = new Map<string, SocketConnection>();
  /** Connects under way: all who need an address wait for the same one. */
  private readonly connecting = new Map<string, Promise<SocketConnection>>();
  private readonly sockets = new Set<Socket>();
  private closing: Promise<void> | undefined;

  constructor(private readonly options: ClientOptions) {
    const serializer = Serializer[options.serializer ?? 'JSON'];
    this.endpoint = createEndpoint(options, {
      language: languageCode('OTHER'),
      serializer,
      maxHeader: maxReplyHeaderLength,
    });
    this.connections = new ConnectionSet(options.clock, options.idleTimeout ?? defaultIdleTimeout);
  }

  call<H extends Fields, R extends Fields, Q, P>(
    address: string,
    declaration: Declaration<H, R, Q, P>,
    header: HeaderInput<H>,
    options: CallOptions<Q> = {},
  ): Promise<CodedReply<HeaderOf<R>, P>> {
    const open = this.byAddress.get(address);
    if (open !== undefined) return open.call(declaration, header, options);
    return this.connectAndCall(address, declaration, header, options);
  }

  request<H extends Fields, R extends Fields, Q, P>(
    address: string,
    declaration: Declaration<H, R, Q, P>,
    header: HeaderInput<H>,
    options: CallOptions<Q>,
    receiver: ReplyReceiver<HeaderOf<R>, P>,
  ): void {
    const open = this.byAddress.get(address);
    if (open !== undefined) return open.request(declaration, header, options, receiver);
    this.connectAndCall(address, declaration, header, options).then(
      (reply) => receiver.replied(reply),
      (error: unknown) => receiver.failed(error),
    );
  }

  async oneWay<H extends Fields, R extends Fields, Q, P>(
    address: string,
    declaration: Declaration<H, R, Q, P>,
    header: HeaderInput<H>,
    options: Pick<CallOptions<Q>, 'body' | 'extra'> = {},
  ): Promise<void> {
    const connection = this.byAddress.get(address) ?? (await this.connect(address));
    if (connection.oneWay(declaration, header, options)) return;
    if (connection.closed) throw connection.endedError();
    throw new RocketMQError('TOO_MANY_REQUESTS', `${declaration.name} to ${address}: it does not read what it is sent`);
  }

  connection(address: string): Connection | undefined {
    return this.byAddress.get(address);
  }

  addresses(): string[] {
    return [...this.byAddress.keys()];
  }

  disconnect(address: string): void {
    this.byAddress.get(address)?.close('closed by this client');
  }

  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async closeAll(): Promise<void> {
    const gone = [...this.sockets].map((socket) => closed(socket));
    this.connections.close('the client was closed');
    for (const socket of this.sockets) if (socket.connecting) socket.destroy();
    await Promise.all(gone);
  }

  private async connectAndCall<H extends Fields, R extends Fields, Q, P>(
    address: string,
    declaration: Declaration<H, R, Q, P>,
    header: HeaderInput<H>,
    options: CallOptions<Q>,
  ): Promise<CodedReply<HeaderOf<R>, P>> {
    const { clock } = this.options;
    const { timeout = defaultCallTimeout, signal } = options;
    const start = clock.monotonic();
    const late = (): RocketMQError => {
      const text = `${declaration.name} to ${address}: no connection within ${timeout} ms`;
      return new RocketMQError('TIMEOUT', text);
    };
    const connection = await within(this.connect(address), { clock, timeout, late, signal });
    const left = timeout - (clock.monotonic() - start);
    if (left <= 0) throw late();
    return connection.call(declaration, header, { ...options, timeout: Math.ceil(left) });
  }

  private connect(address: string): Promise<SocketConnection> {
    if (this.closing) return Promise.reject(closedError());
    const underWay = this.connecting.get(address);
    if (underWay) return underWay;
    const attempt = this.open(address).finally(() => this.connecting.delete(address));
    this.connecting.set(address, attempt);
    return attempt;
  }

  private async open(address: string): Promise<SocketConnection> {
    const { host, port } = parseAddress(address);
    const { clock, connectTimeout = 3000 } = this.options;
    const socket = connectSocket({ host, port, noDelay: true });
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    try {
      await connected(socket, { address, clock, timeout: connectTimeout });
    } catch (error) {
      throw this.closing ? closedError() : error;
    }
    if (this.closing) {
      socket.destroy();
      throw closedError();
    }
    const connection = new SocketConnection(socket, this.endpoint, { peer: address });
    this.byAddress.set(address, connection);
    this.connections.add(connection);
    connection.onClose((reason) => {
      this.byAddress.delete(address);
      if (!this.closing) this.options.onDisconnect?.(address, reason);
    });
    return connection;
  }
}

interface Patience {
  readonly clock: Clock;
  readonly timeout: number;
  readonly late: () => RocketMQError;
  readonly signal: AbortSignal | undefined;
}

/** `promise`, unless time or the caller's patience ends first. */
function within<T>(promise: Promise<T>, { clock, timeout, late, signal }: Patience): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal?.reason as Error);
    if (signal?.aborted) return onAbort();
    const timer = clock.after(timeout, () => reject(late()));
    signal?.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => {
      timer.cancel();
      signal?.removeEventListener('abort', onAbort);
    });
  });
}

interface ConnectLimits {
  readonly address: string;
  readonly clock: Clock;
  readonly timeout: number;
}

function connected(socket: Socket, { address, clock, timeout }: ConnectLimits): Promise<void> {
  return new Promise((resolve, reject) => {
    let failure: unknown;
    const timer = clock.after(timeout, () => {
      failure = `no connection within ${timeout} ms`;
      socket.destroy();
    });
    const onError = (error: unknown): void => {
      failure = error;
    };
    const onClose = (): void => {
      timer.cancel();
      reject(connectError(address, failure));
    };
    socket.once('error', onError);
    socket.once('close', onClose);
    socket.once('connect', () => {
      timer.cancel();
      socket.off('error', onError);
      socket.off('close', onClose);
      resolve();
    });
  });
}

function closedError(): RocketMQError {
  return new RocketMQError('CLOSED', 'the client was closed');
}

function connectError(address: string, failure: unknown): RocketMQError {
  const cause = codeOf(failure) ?? messageOf(failure ?? 'the connection was closed');
  return new RocketMQError('CONNECTION_FAILED', `${address} does not answer (${cause})`, { cause: failure });
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
}
