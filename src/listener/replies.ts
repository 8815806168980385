import { type Logger, messageOf } from '../../libs/common/src/index.js';
import type { ReceivedMessage, ReplyMessage } from '../../libs/client/src/index.js';
import { MessageProperty } from '../../libs/protocol/src/message/index.js';
import { contentTypeProperty } from '../codec/codec.js';
import { jsonType } from '../codec/codecs.js';
import type { RocketMQConnection } from '../connection/rocketmq-connection.js';
import { errorResponse, errorStatus, replyStatusProperty } from '../template/reply-error.js';

type Properties = Readonly<Record<string, string>>;

/** JSON's null: RocketMQ refuses empty bodies, and whoever asked must not wait for its timeout. */
const nothing = 'null';
const noProperties: Properties = {};
/** Of what looks like text otherwise. */
const jsonProperties: Properties = { [contentTypeProperty]: jsonType };

/** Sends what reply listeners return to whoever asked. */
export class Replies {
  constructor(
    private readonly connection: RocketMQConnection,
    private readonly log: Logger,
  ) {}

  /**
   * What goes wrong with the sending is only logged, as in Java: the request was handled, and whoever asked may be gone.
   *
   * @throws RocketMQError ARGUMENT_INVALID when `value` can be no payload.
   */
  send(place: string, request: ReceivedMessage, value: unknown): Promise<void> {
    const isNothing = value === undefined || value === null;
    const body = isNothing ? nothing : this.#encode(request, value, noProperties);
    const properties = isNothing || isBareJson(value) ? jsonProperties : noProperties;
    return this.#reply(place, request, { body, properties });
  }

  /** Answers with an error, so that nobody waits in vain. False when nobody asked. */
  async sendError(place: string, request: ReceivedMessage, error: unknown): Promise<boolean> {
    if (!isRequest(request)) return false;
    this.log.warn(`${place}: answered with an error`, { msgId: request.msgId, error: messageOf(error) });
    const properties = { [replyStatusProperty]: errorStatus };
    await this.#reply(place, request, { body: this.#errorBody(request, error, properties), properties });
    return true;
  }

  #errorBody(request: ReceivedMessage, error: unknown, properties: Properties): Buffer | string {
    try {
      return this.#encode(request, errorResponse(error), properties);
    } catch {
      return JSON.stringify({ status: errorStatus, message: messageOf(error) });
    }
  }

  #encode({ topic, tags }: ReceivedMessage, value: unknown, properties: Properties): Buffer | string {
    return this.connection.codecs.encode(value, undefined, { topic, tags, properties }).body;
  }

  async #reply(place: string, request: ReceivedMessage, reply: ReplyMessage): Promise<void> {
    try {
      const { producer } = await this.connection.session();
      await producer.reply(request, reply);
    } catch (error) {
      this.log.warn(`${place}: its reply was not taken`, {
        topic: request.topic,
        msgId: request.msgId,
        error: messageOf(error),
      });
    }
  }
}

/** True for messages whose sender waits for a reply. */
export function isRequest({ properties }: ReceivedMessage): boolean {
  return properties.has(MessageProperty.CORRELATION_ID) && properties.has(MessageProperty.REPLY_TO_CLIENT);
}

/** JSON that cannot be told from text by its looks. */
export function isBareJson(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}
