import { type Logger, messageOf } from '../../libs/common/src/index.js';
import type { ReceivedMessage } from '../../libs/client/src/index.js';
import type { RocketMQConnection } from '../connection/rocketmq-connection.js';

/** JSON's null: RocketMQ refuses empty bodies, and whoever asked must not wait for its timeout. */
const nothing = 'null';
const noProperties: Readonly<Record<string, string>> = {};

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
  async send(place: string, request: ReceivedMessage, value: unknown): Promise<void> {
    const context = { topic: request.topic, tags: request.tags, properties: noProperties };
    const isNothing = value === undefined || value === null;
    const { body } = isNothing ? { body: nothing } : this.connection.codecs.encode(value, undefined, context);
    try {
      const { producer } = await this.connection.session();
      await producer.reply(request, { body });
    } catch (error) {
      this.log.warn(`${place}: its reply was not taken`, {
        topic: request.topic,
        msgId: request.msgId,
        error: messageOf(error),
      });
    }
  }
}
