import { hostBytes } from '../../../protocol/src/message/index.js';

/** An address ready to be written into a record. */
export interface StoredHost {
  readonly bytes: Buffer;
  readonly isV6: boolean;
  /** The four bytes of an IPv4 address as one word. */
  readonly word: number;
}

const limit = 4096;

/** Addresses parsed once. Producers are few and messages are many. */
export class HostTable {
  private readonly hosts = new Map<string, StoredHost>();
  private lastIp: string | undefined;
  private lastHost: StoredHost | undefined;

  /** @throws RocketMQError ARGUMENT_INVALID when `ip` is no literal address. */
  resolve(ip: string): StoredHost {
    if (ip === this.lastIp && this.lastHost) return this.lastHost;
    let host = this.hosts.get(ip);
    if (!host) {
      const bytes = hostBytes(ip);
      host = { bytes, isV6: bytes.length === 16, word: bytes.readInt32BE(0) };
      if (this.hosts.size >= limit) this.hosts.clear();
      this.hosts.set(ip, host);
    }
    this.lastIp = ip;
    this.lastHost = host;
    return host;
  }
}
