import { createServer, type Server, type Socket } from 'node:net';
import { codeOf, createLifecycle, messageOf, RocketMQError, type Lifecycle } from '../../common/src/index.js';
import { languageCode, maxHeaderLength, Serializer } from '../../protocol/src/index.js';
import { formatAddress } from './address.js';
import type { Connection } from './connection.js';
import { ConnectionSet } from './connection-set.js';
import { createEndpoint, defaultIdleTimeout } from './endpoint.js';
import type { ServerOptions } from './options.js';
import { ReceiveBuffer } from './receive-buffer.js';
import { SocketConnection } from './socket-connection.js';

export interface RemotingServer extends Lifecycle {
  /** The bound port, once started. */
  readonly port: number;
  readonly connections: ReadonlySet<Connection>;
}

/**
 * A listening socket and the connections it accepted. `start` rejects with LISTEN_FAILED when the address cannot be
 * bound; `close` stops accepting, closes every connection and resolves when all are gone.
 *
 * @throws RocketMQError ARGUMENT_INVALID when two handlers serve one code
 */
export function createRemotingServer(options: ServerOptions): RemotingServer {
  const { clock, log, host = '127.0.0.1', maxConnections = 100_000 } = options;
  const endpoint = createEndpoint(options, {
    language: languageCode('JAVA'),
    serializer: Serializer.JSON,
    maxHeader: maxHeaderLength,
  });
  const receiveBuffer = new ReceiveBuffer();
  let connections: ConnectionSet | undefined;
  let port = options.port;

  const accept = (socket: Socket): void => {
    // The peer may be gone before we look.
    if (socket.remoteAddress === undefined || connections === undefined) {
      socket.destroy();
      return;
    }
    let connection: SocketConnection | undefined;
    const lent = receiveBuffer.socketFor(socket, (chunk) => connection?.received(chunk));
    connection = new SocketConnection(lent ?? socket, endpoint, { lendsFrames: lent !== undefined });
    connections.add(connection);
    options.onConnection?.(connection);
  };
  const server = createServer({ noDelay: true, pauseOnConnect: true }, accept);
  server.maxConnections = maxConnections;
  server.on('drop', (peer) => {
    log.warn(`refusing a connection: ${maxConnections} are open`, { peer: peer?.remoteAddress });
  });

  const lifecycle = createLifecycle({
    async start() {
      port = await listen(server, host, options.port);
      server.on('error', (error) => log.error('the listening socket failed', { port, reason: messageOf(error) }));
      connections = new ConnectionSet(clock, options.idleTimeout ?? defaultIdleTimeout);
    },
    async close() {
      const gone = stopListening(server);
      connections?.close('the server is closing');
      await gone;
    },
  });
  return {
    start: () => lifecycle.start(),
    close: () => lifecycle.close(),
    get port() {
      return port;
    },
    get connections() {
      return connections?.all ?? noConnections;
    },
  };
}

const noConnections: ReadonlySet<Connection> = new Set();
/** Connections the kernel keeps for us until we accept them; as Apache's. */
const backlog = 1024;

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error): void => reject(listenError(error, host, port));
    server.once('error', onError);
    server.listen({ host, port, backlog }, () => {
      server.off('error', onError);
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
    });
  });
}

function listenError(error: unknown, host: string, port: number): RocketMQError {
  const code = codeOf(error);
  const place = formatAddress(host, port);
  const texts: Readonly<Record<string, string>> = {
    EADDRINUSE: `port ${port} on ${host} is taken; stop the program that listens there, or set another port`,
    EACCES: `port ${port} on ${host} needs rights this process does not have; set a port above 1023`,
    EADDRNOTAVAIL: `${host} is no address of this machine; bind to one that is, or to 0.0.0.0`,
    ENOTFOUND: `${host} cannot be resolved to an address to bind`,
  };
  const text = texts[code ?? ''] ?? `cannot listen on ${place}: ${messageOf(error)}`;
  return new RocketMQError('LISTEN_FAILED', text, { cause: error });
}

/** Resolves when the port is free and every accepted connection is gone. */
function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // The only error it can give is that it was not listening.
    server.close(() => resolve());
  });
}
