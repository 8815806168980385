import { randomUUID } from 'node:crypto';
import { RocketMQError } from '../../../../common/src/index.js';
import { MessageProperty, encodeProperties, replyTopicOf } from '../../../../protocol/src/message/index.js';
import type { ClientCore } from '../../client-core.js';
import type { OutgoingMessage, ReceivedMessage, SendOptions, SendResult } from '../../contract/index.js';
import type { SystemPart } from '../message-encoder.js';
import type { ProducerSettings } from '../producer-settings.js';

interface Parts {
  readonly core: ClientCore;
  readonly settings: Pick<ProducerSettings, 'sendMsgTimeout' | 'createTopicKey' | 'defaultTopicQueueNums'>;
  /** @throws RocketMQError ARGUMENT_INVALID */
  readonly checkTopic: (topic: unknown) => void;
  readonly send: (message: OutgoingMessage, options: SendOptions, system: SystemPart) => Promise<SendResult>;
}

/**
 * Sends a message and waits for the reply to it, which some broker brings on a connection of ours. That broker has to know
 * us: before the first request to a topic, all brokers of the cluster's reply topic are told that we are there.
 */
export class Requester {
  /** Reply topics of the clusters of a topic. */
  readonly #replyTopics = new Map<string, readonly string[]>();

  constructor(private readonly parts: Parts) {}

  /** Within `timeout`, which covers the request, whoever works on it, and the reply. */
  async request(message: OutgoingMessage, options: SendOptions): Promise<ReceivedMessage> {
    const { clock, settings, pendingRequests } = this.parts.core;
    const timeout = options.timeout ?? this.parts.settings.sendMsgTimeout;
    if (!(timeout > 0)) throw invalidTimeout(timeout);
    this.parts.checkTopic(message.topic);
    const startedAt = clock.monotonic();
    await this.#introduce(settings.namespace.wrap(message.topic));
    options.signal?.throwIfAborted();
    const correlationId = randomUUID();
    const system = systemPartOf(correlationId, settings.clientId, timeout);
    const left = Math.max(1, timeout - (clock.monotonic() - startedAt));
    return new Promise<ReceivedMessage>((resolve, reject) => {
      const timer = clock.after(left, () => fail(noReply(message.topic, timeout)));
      const onAbort = (): void => fail(options.signal?.reason);
      const done = (): void => {
        timer.cancel();
        options.signal?.removeEventListener('abort', onAbort);
        pendingRequests.forget(correlationId);
      };
      const fail = (error: unknown): void => {
        done();
        reject(error);
      };
      options.signal?.addEventListener('abort', onAbort, { once: true });
      try {
        pendingRequests.expect(correlationId, (reply) => {
          done();
          resolve(reply);
        });
      } catch (error) {
        return fail(error);
      }
      // A reply may be here before the broker has answered the send.
      this.parts.send(message, { ...options, timeout: left }, system).catch(fail);
    });
  }

  async #introduce(topic: string): Promise<void> {
    const { routes, membership, clock } = this.parts.core;
    const replyTopics = this.#replyTopics.get(topic)?.map((name) => routes.known(name));
    if (replyTopics !== undefined && !replyTopics.includes(undefined)) {
      for (const known of replyTopics) if (known !== undefined) known.lastUsed = clock.monotonic();
      return;
    }
    const known = routes.knownForPublish(topic) ?? (await routes.forPublish(topic, this.parts.settings));
    const clusters = new Set(known.route.brokerDatas.flatMap(({ cluster }) => (cluster ? [cluster] : [])));
    const names = [...clusters].map(replyTopicOf);
    const found = await Promise.all(names.map((name) => routes.refresh(name)));
    await membership.beat();
    this.#replyTopics.set(
      topic,
      names.filter((_, i) => found[i] !== undefined),
    );
  }
}

/** As Java writes them. */
function systemPartOf(correlationId: string, clientId: string, timeout: number): SystemPart {
  const properties = encodeProperties([
    [MessageProperty.CORRELATION_ID, correlationId],
    [MessageProperty.REPLY_TO_CLIENT, clientId],
    [MessageProperty.TTL, String(Math.ceil(timeout))],
  ]);
  return { properties };
}

function noReply(topic: string, timeout: number): RocketMQError {
  return new RocketMQError(
    'TIMEOUT',
    `No reply to the request to topic ${topic} within ${timeout} ms. Is a consumer there that replies to the messages of this topic?`,
  );
}

function invalidTimeout(timeout: number): RocketMQError {
  return new RocketMQError('ARGUMENT_INVALID', `SendOptions.timeout must be more than 0 milliseconds, not ${timeout}`);
}
