import type { Clock, Logger } from '../../common/src/index.js';
import type { AnyHandler } from './handler.js';

/** What server and client share. Limits are bytes, milliseconds and counts. */
export interface RemotingOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Requests the peer may send us. A code without a handler is answered with 3. */
  readonly handlers: readonly AnyHandler[];
  /** LanguageCode ordinal our frames carry. Default: OTHER for clients, JAVA for servers (unknown ones are null to Java). */
  readonly language?: number;
  /** MQVersion ordinal our frames carry. Default 407 (V4_9_7). */
  readonly version?: number;
  /** Connections without a frame for this long are closed. Default 120,000. */
  readonly idleTimeout?: number;
  /** Calls under way per connection; one more rejects with TOO_MANY_REQUESTS. Default 65,535. */
  readonly maxInFlight?: number;
  /** Bytes queued to a peer that does not read before we stop reading from it. Default 16 MiB. */
  readonly maxPendingBytes?: number;
}

export interface ServerOptions extends RemotingOptions {
  /** Address to bind. Default 127.0.0.1. */
  readonly host?: string;
  /** 0 = a free port. */
  readonly port: number;
  /** Most connections at once; further ones are closed at once. Default 100,000. */
  readonly maxConnections?: number;
  /** Called with every accepted connection, before its first frame. */
  readonly onConnection?: (connection: import('./connection.js').Connection) => void;
}

export interface ClientOptions extends RemotingOptions {
  /** Milliseconds to make a TCP connection. Default 3000. */
  readonly connectTimeout?: number;
  /** 'JSON' (default, as Java) or 'ROCKETMQ': the header form of requests. Replies are read by their own type byte. */
  readonly serializer?: 'JSON' | 'ROCKETMQ';
  /** A connection ended that we had opened. */
  readonly onDisconnect?: (address: string, reason: string) => void;
}
