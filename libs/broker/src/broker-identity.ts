import { isIPv6 } from 'node:net';
import { OffsetMessageIdsText, OffsetMessageIdText } from '../../protocol/src/index.js';
import type { HostAddress } from '../../store/src/index.js';
import type { BrokerConfig } from './broker-config.js';

/** Who this broker is to others. The port is known once the server listens. */
export class BrokerIdentity {
  readonly brokerName: string;
  readonly clusterName: string;
  readonly brokerId: number;
  private readonly ip: string;
  private host: HostAddress;
  private idText: OffsetMessageIdText;

  constructor({ brokerName, brokerClusterName, brokerId, brokerIP1, listenPort }: BrokerConfig) {
    this.brokerName = brokerName;
    this.clusterName = brokerClusterName;
    this.brokerId = brokerId;
    this.ip = brokerIP1;
    this.host = { ip: brokerIP1, port: listenPort };
    this.idText = new OffsetMessageIdText(brokerIP1, listenPort);
  }

  listening(port: number): void {
    this.host = { ip: this.ip, port };
    this.idText = new OffsetMessageIdText(this.ip, port);
  }

  /** Written into every message: whoever looks one up by its id dials this. */
  get storeHost(): HostAddress {
    return this.host;
  }

  /** The id given to the message at this physical offset, for a reply that is encoded before the next one is asked for. */
  messageIdText(physicalOffset: number): OffsetMessageIdText {
    this.idText.offset = physicalOffset;
    return this.idText;
  }

  /** Those of a batch, with the same limit. */
  messageIdsText(physicalOffsets: readonly number[]): OffsetMessageIdsText {
    const text = new OffsetMessageIdsText(this.idText);
    text.offsets = physicalOffsets;
    return text;
  }

  /** "ip:port", as name servers know it. */
  get address(): string {
    return this.withPort(this.host.port);
  }

  /** Where a slave would look for the log: the port after the main one, as in Apache. Nothing listens there. */
  get haServerAddress(): string {
    return this.withPort(this.host.port + 1);
  }

  private withPort(port: number): string {
    return isIPv6(this.ip) ? `[${this.ip}]:${port}` : `${this.ip}:${port}`;
  }
}
