import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { type Logger, messageOf, RocketMQError } from '../../libs/common/src/index.js';
import { defaultConnectionName } from '../connection/rocketmq-connection.js';
import type { RocketMQConnections } from '../connection/rocketmq-connections.js';
import type { RocketMQContext } from '../listener/rocketmq-context.js';
import type { ListenerDefinition } from '../listener/listener-explorer.js';
import type { RocketMQListeners } from '../listener/rocketmq-listeners.js';
import { nestLogger } from '../nest-logger.js';
import type { RocketMQComposition } from '../rocketmq-composition.js';
import type { RocketMQMicroserviceOptions } from './microservice-options.js';
import { PatternHandlers } from './pattern-handlers.js';
import { checkPattern } from './pattern-options.js';
import { rocketMQTransport } from './transport-id.js';

interface Parts {
  readonly composition: RocketMQComposition;
  readonly listeners: RocketMQListeners;
  readonly connections: RocketMQConnections;
  readonly options: RocketMQMicroserviceOptions;
}

/**
 * RocketMQ as a transport of Nest's microservices: a pattern is 'topic' or 'topic:tag', and the body of a message is the
 * payload, nothing of Nest's around it. Handlers are consumers like the application's listeners, and appear among
 * RocketMQListeners.
 *
 * @example
 * ```ts
 * app.connectMicroservice({ strategy: app.get(RocketMQServer) });
 * await app.startAllMicroservices();
 * await app.listen(3000);
 * ```
 */
export class RocketMQServer
  extends Server<Record<string, never>, 'listening' | 'closed'>
  implements CustomTransportStrategy
{
  override readonly transportId = rocketMQTransport;
  /** The consumer logs what became of a message that failed; Nest 12 would log it a second time. */
  override readonly propagatesEventHandlerErrors = true;
  readonly #parts: Parts;
  readonly #log: Logger = nestLogger('RocketMQ');
  readonly #patterns: PatternHandlers;
  #joined: readonly ListenerDefinition[] = [];
  #listening: Promise<void> | undefined;

  /** @internal */
  constructor(parts: Parts) {
    super();
    this.#parts = parts;
    this.#patterns = new PatternHandlers(parts.options, parts.connections);
  }

  /**
   * Called by Nest for every handler. What is wrong with a pattern's options is told when the server is to listen.
   *
   * @throws RocketMQOptionsError for a pattern that is no text.
   */
  override addHandler(
    pattern: unknown,
    callback: MessageHandler,
    isEventHandler = false,
    extras: Record<string, unknown> = {},
  ): void {
    const text = checkPattern(pattern);
    // Not as the base class does, which chains handlers: the first failure would end its wait for the others.
    callback.isEventHandler = isEventHandler;
    callback.extras = extras;
    if (!this.messageHandlers.has(text)) this.messageHandlers.set(text, callback);
    this.#patterns.add(text, callback, isEventHandler, extras);
  }

  /**
   * Before the application's init: hosted servers and the connection start now, handlers with the bootstrap. After it:
   * handlers start now, and `callback` is called when they run (with onConnectFailure 'fail'; otherwise at once).
   */
  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      this.#listening ??= this.#listen();
      await this.#listening;
    } catch (error) {
      callback(error);
      return;
    }
    callback();
  }

  async #listen(): Promise<void> {
    const { composition, listeners } = this.#parts;
    const handlers = this.#patterns.listeners((context, handle) => this.#betweenHooks(context, handle));
    if (handlers.length === 0) this.#log.warn('RocketMQServer: no handler has a pattern; nothing is consumed');
    await composition.start();
    await listeners.join(handlers);
    this.#joined = handlers.map(([listener]) => listener);
    this._status$.next('listening');
  }

  /** Waits for handlers under way up to their deadline, stores offsets and leaves the groups. Never rejects. */
  async close(): Promise<void> {
    await this.#listening?.catch(() => undefined);
    const { listeners } = this.#parts;
    const ends = await Promise.allSettled(
      // Of a group each of them stops all: the second time there is nothing left to do.
      this.#joined.map(({ options, connection }) => listeners.stop(options.consumerGroup, connection)),
    );
    for (const end of ends) {
      if (end.status === 'rejected') this.#log.error(`A handler did not stop cleanly: ${messageOf(end.reason)}`);
    }
    this._status$.next('closed');
  }

  /** @throws RocketMQError UNSUPPORTED: look at `status`, or at RocketMQListeners.states. */
  on(): never {
    throw new RocketMQError(
      'UNSUPPORTED',
      'RocketMQServer has no events; see its status, and RocketMQListeners.states',
    );
  }

  /** The client of `nestjs-rocketmq/client`; undefined while not connected. */
  unwrap<T>(): T {
    const { connections, options } = this.#parts;
    return connections.of(options.connection ?? defaultConnectionName).client as T;
  }

  #endHook(context: RocketMQContext): void {
    try {
      this.onProcessingEndHook?.(rocketMQTransport, context as never);
    } catch (error) {
      this.#log.error(`RocketMQServer: the hook for the end of processing threw: ${messageOf(error)}`);
    }
  }

  /** A hook need not return what it is given, so the end is caught inside. */
  #betweenHooks(context: RocketMQContext, handle: () => Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const run = async (): Promise<void> => {
        try {
          resolve(await handle());
        } catch (error) {
          reject(error);
        } finally {
          this.#endHook(context);
        }
      };
      const returned: unknown = this.onProcessingStartHook(rocketMQTransport, context as never, run);
      Promise.resolve(returned).catch(reject);
    });
  }
}
