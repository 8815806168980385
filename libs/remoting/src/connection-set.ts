import type { Clock, Timer } from '../../common/src/index.js';
import type { SocketConnection } from './socket-connection.js';

/** The open connections of one server or client, and the one timer that closes the idle among them. */
export class ConnectionSet {
  private readonly open = new Set<SocketConnection>();
  private readonly sweep: Timer;

  /** @param idleTimeout milliseconds without a frame in either direction; closing comes up to a twelfth later */
  constructor(clock: Clock, idleTimeout: number) {
    this.sweep = clock.every(Math.max(1, Math.ceil(idleTimeout / sweepsPerTimeout)), () => this.closeIdle(idleTimeout));
  }

  get all(): ReadonlySet<SocketConnection> {
    return this.open;
  }

  add(connection: SocketConnection): void {
    this.open.add(connection);
    connection.onClose(() => this.open.delete(connection));
  }

  /** Closes every connection and stops the timer. */
  close(reason: string): void {
    this.sweep.cancel();
    for (const connection of this.open) connection.close(reason);
  }

  private closeIdle(idleTimeout: number): void {
    for (const connection of this.open) {
      if (++connection.idleSweeps > sweepsPerTimeout) connection.close(`no frame for ${idleTimeout} ms`);
      else if (connection.idleSweeps > 1) connection.shrink();
    }
  }
}

const sweepsPerTimeout = 12;
