import { messageOf } from '../../../common/src/index.js';
import {
  decodeProperties,
  encodeProperties,
  MessageProperty,
  pushReplyMessageToClient,
  ResponseCode,
  tagsCode,
  type sendMessageV2,
} from '../../../protocol/src/index.js';
import { fail, ok, type Outcome } from '../../../remoting/src/index.js';
import type { AppendMessage, AppendResult } from '../../../store/src/index.js';
import { appended, isStored } from '../appending.js';
import type { BrokerParts } from '../parts.js';
import { SendHandler, type SendExchange, type SendParts, type Target } from '../send/send-handler.js';

export type ReplyParts = SendParts & Pick<BrokerParts, 'producers' | 'log'>;

/** Of the requester, to take its reply. */
const pushTimeout = 10_000;

/**
 * SEND_REPLY_MESSAGE and SEND_REPLY_MESSAGE_V2: the reply goes to the producer that asked, on the connection it sends
 * heartbeats on, and then into the reply topic, where whoever wants to know finds it. The answer says whether the
 * requester took it.
 */
export class ReplyHandler {
  private readonly sends: SendHandler;

  constructor(private readonly parts: ReplyParts) {
    this.sends = new SendHandler(parts);
  }

  async run(exchange: SendExchange): Promise<Outcome<typeof sendMessageV2>> {
    const target = this.sends.targetOf(exchange);
    if ('kind' in target) return target;
    const { header, connection } = exchange;
    const reply = this.replyOf(exchange, target);
    const problem = await this.push(header, reply, connection.remoteAddress);
    const stored = this.parts.config.storeReplyMessageEnable ? await this.store(reply) : undefined;
    const answer = this.answerOf(stored, target.queueId);
    return problem === undefined ? ok(answer) : fail(ResponseCode.SYSTEM_ERROR, problem, answer);
  }

  /** In memory of its own: the request is gone before the requester has answered. */
  private replyOf(exchange: SendExchange, { topic, queueId, sysFlag }: Target): AppendMessage {
    const { header, bytes } = exchange;
    const properties = String(header.properties ?? '');
    const tags = decodeProperties(properties).get(MessageProperty.TAGS);
    return {
      topic,
      queueId,
      sysFlag,
      flag: header.flag,
      bornTimestamp: header.bornTimestamp,
      bornHost: this.sends.bornHostOf(exchange),
      storeHost: this.parts.identity.storeHost,
      reconsumeTimes: header.reconsumeTimes,
      preparedTransactionOffset: 0,
      body: Buffer.from(bytes),
      properties,
      tagsCode: tagsCode(tags),
      waitForFlush: true,
    };
  }

  /** Undefined when the requester took it; otherwise why not, as Java says it. */
  private async push(
    { producerGroup, defaultTopic, defaultTopicQueueNums, unitMode }: SendExchange['header'],
    reply: AppendMessage,
    bornHost: string,
  ): Promise<string | undefined> {
    const { clock, identity, log, producers } = this.parts;
    const properties = decodeProperties(String(reply.properties));
    const requester = properties.get(MessageProperty.REPLY_TO_CLIENT);
    if (requester === undefined) return `reply message properties[${MessageProperty.REPLY_TO_CLIENT}] is null`;
    const connection = producers.connectionOf(requester);
    if (connection === undefined) return `push reply message fail, channel of <${requester}> not found.`;
    const now = clock.now();
    properties.set(MessageProperty.PUSH_REPLY_TIME, String(now));
    const { topic, queueId, flag, sysFlag, bornTimestamp, reconsumeTimes } = reply;
    const header = {
      producerGroup,
      topic,
      defaultTopic,
      defaultTopicQueueNums,
      queueId,
      sysFlag,
      bornTimestamp,
      flag,
      properties: encodeProperties(properties),
      reconsumeTimes,
      unitMode,
      bornHost,
      storeHost: identity.address,
      storeTimestamp: now,
    };
    try {
      const options = { body: reply.body as Buffer, timeout: pushTimeout };
      await connection.call(pushReplyMessageToClient, header, options);
      return undefined;
    } catch (error) {
      log.warn('a reply did not reach its requester', { clientId: requester, error: messageOf(error) });
      return `push reply message to ${requester}fail.`;
    }
  }

  private async store(reply: AppendMessage): Promise<AppendResult | undefined> {
    const { log, stats, store } = this.parts;
    const result = await appended(store, reply);
    if (!isStored(result)) {
      log.warn('a reply was handed over and not stored', { topic: reply.topic, reason: result.reason });
      return undefined;
    }
    stats.stored(reply.topic, 1, result.bytes, result.elapsed);
    return result;
  }

  /** A reply that was only handed over has no place: Java's clients want the fields all the same. */
  private answerOf(stored: AppendResult | undefined, queueId: number) {
    const { config, identity } = this.parts;
    return {
      msgId: stored === undefined ? '0' : String(identity.messageIdText(stored.physicalOffset)),
      queueId,
      queueOffset: stored?.queueOffset ?? 0,
      region: config.regionId,
      traceOn: config.traceOn ? 'true' : 'false',
    };
  }
}
