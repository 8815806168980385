import { createNameServer, type NamesrvConfig, type NameServer } from '../../libs/namesrv/src/index.js';
import { nestLogger } from '../nest-logger.js';

/** A name server inside this application. Injectable where NameServerModule is imported. */
export class HostedNameServer {
  readonly #server: NameServer;

  constructor(config: Partial<NamesrvConfig>) {
    this.#server = createNameServer(config, { log: nestLogger('NameServer') });
  }

  /** 'ip:port' clients can reach it at; known once the application has started. */
  get address(): string {
    return this.#server.address;
  }

  /** Known once the application has started. */
  get port(): number {
    return this.#server.port;
  }

  /** The application calls it. */
  start(): Promise<void> {
    return this.#server.start();
  }

  /** The application calls it. */
  close(): Promise<void> {
    return this.#server.close();
  }
}
