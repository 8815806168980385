import { isIPv6 } from 'node:net';
import { RocketMQError } from '../../common/src/index.js';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads "host:port"; an IPv6 host stands in brackets, "[::1]:9876".
 *
 * @throws RocketMQError ARGUMENT_INVALID showing the text.
 */
export function parseAddress(text: string): Address {
  const match = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(text);
  const bracketed = match?.[1];
  const host = bracketed ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port < 1 || port > 65535 || (bracketed !== undefined && !isIPv6(bracketed))) {
    const shown = JSON.stringify(text.slice(0, 256));
    throw new RocketMQError('ARGUMENT_INVALID', `${shown} is no address; write host:port, as in 127.0.0.1:9876`);
  }
  return { host, port };
}

/** "host:port", with brackets around an IPv6 host. IPv4 in IPv6 clothes (::ffff:127.0.0.1) is shown as IPv4. */
export function formatAddress(host: string, port: number): string {
  const plain = host.startsWith('::ffff:') && host.includes('.') ? host.slice('::ffff:'.length) : host;
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`;
}
