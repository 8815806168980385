import type { Declaration, Fields, HeaderInput, HeaderOf } from '../../protocol/src/index.js';
import type { CallOptions, CodedReply, Connection } from './connection.js';
import type { ClientOptions } from './options.js';

/** One connection per address, made when first needed, shared by all calls. */
export interface RemotingClient {
  /** Connects when needed; `timeout` covers connecting too. */
  call<H extends Fields, R extends Fields, Q, P>(
    address: string,
    declaration: Declaration<H, R, Q, P>,
    header: HeaderInput<H>,
    options?: CallOptions<Q>,
  ): Promise<CodedReply<HeaderOf<R>, P>>;
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

export declare function createRemotingClient(options: ClientOptions): RemotingClient;
