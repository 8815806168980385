import { isIPv4, isIPv6 } from 'node:net';
import { RocketMQError } from '../../../common/src/index.js';

/**
 * An address as records and ids hold it: 4 bytes for IPv4, 16 for IPv6. IPv4 inside IPv6 ("::ffff:1.2.3.4", which Node
 * reports for IPv4 peers of a dual-stack socket) counts as IPv4.
 *
 * @throws RocketMQError ARGUMENT_INVALID when `ip` is no literal address.
 */
export function hostBytes(ip: string): Buffer {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  const plain = mapped ?? ip;
  if (isIPv4(plain)) return Buffer.from(plain.split('.').map(Number));
  const zone = plain.indexOf('%');
  const bare = zone < 0 ? plain : plain.slice(0, zone);
  if (isIPv6(bare)) return ipv6Bytes(bare);
  throw new RocketMQError('ARGUMENT_INVALID', `${JSON.stringify(ip.slice(0, 64))} is not an IP address`);
}

function ipv6Bytes(ip: string): Buffer {
  const [head = '', tail] = ip.split('::');
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  const groups = [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
  const bytes = Buffer.alloc(16);
  groups.forEach((group, i) => bytes.writeUInt16BE(group, i * 2));
  return bytes;
}

/** "fe80:1" or "ffff:1.2.3.4": the sixteen-bit groups. */
function groupsOf(part: string): number[] {
  if (part === '') return [];
  return part.split(':').flatMap((group) => {
    if (!group.includes('.')) return [parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [(a << 8) | b, (c << 8) | d];
  });
}

/** The reverse of {@link hostBytes}: `length` is 4 or 16. IPv6 in the short form of RFC 5952. */
export function hostText(bytes: Buffer, at: number, length: number): string {
  if (length === 4) return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(at + i * 2).toString(16));
  const { start, count } = longestZeroRun(groups);
  if (count < 2) return groups.join(':');
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + count).join(':')}`;
}

function longestZeroRun(groups: readonly string[]): { start: number; count: number } {
  let best = { start: 0, count: 0 };
  let start = 0;
  for (let i = 0; i <= groups.length; i++) {
    if (groups[i] === '0') continue;
    if (i - start > best.count) best = { start, count: i - start };
    start = i + 1;
  }
  return best;
}
