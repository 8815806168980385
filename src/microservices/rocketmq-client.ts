import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import { type Logger, messageOf, RocketMQError } from '../../libs/common/src/index.js';
import { contentTypeProperty } from '../codec/codec.js';
import { jsonType } from '../codec/codecs.js';
import { isBareJson } from '../listener/replies.js';
import { nestLogger } from '../nest-logger.js';
import { RocketMQOptionsError } from '../options/validate.js';
import { OneMessage } from '../template/one-message.js';
import { RocketMQReplyError } from '../template/reply-error.js';
import type { RocketMQTemplate } from '../template/rocketmq-template.js';
import { checkPattern } from './pattern-options.js';
import { RocketMQRecord, type RocketMQRecordOptions } from './rocketmq-record.js';

/** What a RocketMQClient sends with. */
export interface RocketMQClientOptions {
  readonly template: RocketMQTemplate;
  /** How long `send` waits for a reply, milliseconds. Default: the producer's sendMsgTimeout, 3000. */
  readonly timeout?: number | undefined;
}

interface Outgoing {
  readonly destination: string;
  readonly payload: unknown;
  readonly options: RocketMQRecordOptions;
}

/**
 * Nest's ClientProxy over RocketMQTemplate: `emit` is a send that is complete when the broker has stored the message
 * (SEND_OK), `send` a request whose reply is the value. A pattern is 'topic' or 'topic:tag'; the payload goes as the
 * template sends it, with options when it is a RocketMQRecord. An array is one message.
 *
 * @example
 * ```ts
 * constructor(private readonly client: RocketMQClient) {}
 * quote(request: QuoteRequest) { return this.client.send<Quote>('quotes', request); }
 * ```
 */
export class RocketMQClient extends ClientProxy {
  readonly #log: Logger = nestLogger('RocketMQ');
  readonly #template: RocketMQTemplate;
  readonly #timeout: number | undefined;

  /** @throws RocketMQOptionsError without a template. */
  constructor({ template, timeout }: RocketMQClientOptions) {
    super();
    if (typeof template?.sendAndReceive !== 'function') {
      throw new RocketMQOptionsError(
        'RocketMQClient: template must be the RocketMQTemplate of the application; with ClientsModule use registerAsync and inject it',
      );
    }
    this.#template = template;
    this.#timeout = timeout;
  }

  /** Nothing to do: the connection is the application's. */
  async connect(): Promise<void> {}

  /** Nothing to do: the connection is the application's. */
  close(): void {}

  /** @throws RocketMQError UNSUPPORTED */
  override on(): never {
    throw new RocketMQError('UNSUPPORTED', "RocketMQClient has no events: the connection is the application's");
  }

  /** The template. */
  unwrap<T>(): T {
    return this.#template as T;
  }

  /** What was answered with an error arrives as other transports bring it: as the object that the other side made of it. */
  protected publish(packet: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    const given = new AbortController();
    void this.#answer(packet, given.signal, callback);
    return () => given.abort();
  }

  async #answer(packet: ReadPacket, signal: AbortSignal, callback: (packet: WritePacket) => void): Promise<void> {
    let answer: WritePacket;
    try {
      answer = { response: await this.#request(packet, signal), isDisposed: true };
    } catch (error) {
      answer = { err: error instanceof RocketMQReplyError ? error.response : error };
    }
    callback(answer);
  }

  async #request(packet: ReadPacket, signal: AbortSignal): Promise<unknown> {
    const { destination, payload, options } = outgoing(packet);
    const timeout = options.timeout ?? this.#timeout;
    const own = options.signal;
    return this.#template.sendAndReceive(destination, payload, {
      ...options,
      ...(timeout !== undefined && { timeout }),
      signal: own === undefined ? signal : AbortSignal.any([own, signal]),
    });
  }

  /** Nest does not tell whether anybody listens to the end of an `emit`, so a failure is logged as well. */
  protected async dispatchEvent<T>(packet: ReadPacket): Promise<T> {
    try {
      const { destination, payload, options } = outgoing(packet);
      return (await this.#template.send(destination, payload, { requireStoreOk: true, ...options })) as T;
    } catch (error) {
      this.#log.error(`RocketMQClient: an event was not sent: ${messageOf(error)}`);
      throw error;
    }
  }
}

function outgoing({ pattern, data, metadata }: ReadPacket): Outgoing {
  const destination = checkPattern(pattern);
  const { payload, options } = data instanceof RocketMQRecord ? data : new RocketMQRecord<unknown>(data);
  const isMarked = isBareJson(payload) && options.codec === undefined;
  const properties = {
    ...(isMarked && { [contentTypeProperty]: jsonType }),
    ...metadata,
    ...options.properties,
  };
  return {
    destination,
    payload: Array.isArray(payload) ? new OneMessage(payload) : payload,
    options: Object.keys(properties).length === 0 ? options : { ...options, properties },
  };
}
