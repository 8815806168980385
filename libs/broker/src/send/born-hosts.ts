import type { Connection } from '../../../remoting/src/index.js';
import type { HostAddress } from '../../../store/src/index.js';

/** The address of each connection's other end, taken apart once. */
export class BornHosts {
  private readonly hosts = new WeakMap<Connection, HostAddress>();
  private last: Connection | undefined;
  private lastHost: HostAddress = { ip: '', port: 0 };

  of(connection: Connection): HostAddress {
    // What is read from one connection at a time is many messages.
    if (connection !== this.last) {
      this.lastHost = this.find(connection);
      this.last = connection;
    }
    return this.lastHost;
  }

  private find(connection: Connection): HostAddress {
    const known = this.hosts.get(connection);
    if (known !== undefined) return known;
    const host = parseHost(connection.remoteAddress);
    this.hosts.set(connection, host);
    return host;
  }
}

/** "1.2.3.4:5" or "[::1]:5". IPv4 inside IPv6 is IPv4. */
export function parseHost(address: string): HostAddress {
  const colon = address.lastIndexOf(':');
  const ip = address
    .slice(0, colon)
    .replace(/^\[|\]$/g, '')
    .replace(/^::ffff:(?=\d+\.)/i, '')
    .replace(/%.*$/, '');
  return { ip, port: Number(address.slice(colon + 1)) };
}
