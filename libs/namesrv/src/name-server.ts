import { networkInterfaces } from 'node:os';
import {
  createLifecycle,
  silentLogger,
  systemClock,
  type Clock,
  type Lifecycle,
  type Logger,
  type Timer,
} from '../../common/src/index.js';
import { checkHandlers, createRemotingServer, formatAddress } from '../../remoting/src/index.js';
import type { NamesrvConfig } from './config.js';
import * as handlers from './handlers/index.js';
import { KvConfig } from './kv-config.js';
import { LiveConfig } from './live-config.js';
import type { NamesrvParts } from './parts.js';
import { readNamesrvConfig } from './read-namesrv-config.js';
import { RouteTable } from './route-table.js';

/** A name server in this process. */
export interface NameServer extends Lifecycle {
  /** "ip:port" clients can reach it at, once started. */
  readonly address: string;
  readonly port: number;
}

/**
 * A name server. `start` rejects with LISTEN_FAILED when its port is taken, and with STORE_CORRUPT when its KV file
 * cannot be read.
 *
 * @throws RocketMQError CONFIG_INVALID naming every wrong key
 */
export function createNameServer(
  given: Partial<NamesrvConfig> = {},
  { clock = systemClock, log = silentLogger }: { clock?: Clock; log?: Logger } = {},
): NameServer {
  const { config } = readNamesrvConfig({ options: given });
  const routes = new RouteTable(clock, log);
  const kv = new KvConfig(config.kvConfigPath, clock, log);
  const parts: NamesrvParts = { config, liveConfig: new LiveConfig(config, clock, log), routes, kv, log };
  const served = Object.values(handlers).map((make) => make(parts));
  checkHandlers('namesrv', served);
  const server = createRemotingServer({
    clock,
    log,
    host: config.bindAddress,
    port: config.listenPort,
    idleTimeout: config.serverChannelMaxIdleTimeSeconds * 1000,
    handlers: served,
    onConnection: (connection) => connection.onClose(() => routes.connectionClosed(connection)),
  });
  let scan: Timer | undefined;
  const lifecycle = createLifecycle({
    async start() {
      await kv.load();
      await server.start();
      scan = clock.every(config.scanNotActiveBrokerInterval, () => routes.dropSilent());
    },
    async close() {
      scan?.cancel();
      await server.close();
      await kv.settled();
    },
  });
  return {
    start: () => lifecycle.start(),
    close: () => lifecycle.close(),
    get port() {
      return server.port;
    },
    get address() {
      return formatAddress(reachableHost(config.bindAddress), server.port);
    },
  };
}

/** Bound to all addresses: one that other machines can use, where there is one. */
function reachableHost(bindAddress: string): string {
  if (bindAddress !== '0.0.0.0' && bindAddress !== '::') return bindAddress;
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const outer = addresses.find(({ family, internal }) => family === 'IPv4' && !internal);
  return outer?.address ?? '127.0.0.1';
}
