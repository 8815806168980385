import { RocketMQError, codeOf, messageOf } from '../../../common/src/index.js';
import { ResponseCode, queryMessage, viewMessageById, type BrokerData } from '../../../protocol/src/index.js';
import { decodeMessages, parseOffsetMessageId, timeOfUniqueId } from '../../../protocol/src/message/index.js';
import { vipAddress, type ClientCore } from '../client-core.js';
import { PulledMessage, originOf } from '../consumer/pulled-message.js';
import type { QueryOptions, QueryResult, ReceivedMessage } from '../contract/index.js';
import { masterId } from '../route/index.js';

const viewTimeout = 6_000;
/** A broker may look through its whole index. */
const queryTimeout = 18_000;
/** How Java tells brokers that the key is a unique id. */
const uniqueKeyFlag = '_UNIQUE_KEY_QUERY';
const defaultMaxNum = 32;
/** An id that does not say when it was made is looked for this far back. */
const threeDays = 3 * 24 * 60 * 60_000;
/** Clocks of sender and broker differ. */
const clockMargin = 1_000;

/** Looks single messages up, by where they lie or by what they are called. Topics are as brokers know them. */
export class MessageQuery {
  constructor(private readonly core: ClientCore) {}

  /** @throws ResponseError of the broker that the id names, or NO_MESSAGE. */
  async view(topic: string, msgId: string): Promise<ReceivedMessage> {
    const place = placeOf(msgId);
    const viewed = place === undefined ? undefined : await this.#viewAt(place, topic).catch(ignoreRefusal);
    const found = viewed ?? (await this.byUniqueId(topic, msgId));
    if (found !== undefined) return found;
    throw new RocketMQError('REQUEST_REFUSED', `No message ${JSON.stringify(msgId.slice(0, 64))} in topic ${topic}`, {
      retryable: false,
    });
  }

  async byKey(topic: string, key: string, options: QueryOptions): Promise<QueryResult> {
    const { last, messages } = await this.#ask(topic, key, options, false);
    // Brokers find keys by their hash.
    const own = messages.filter(
      (message) => message.keys.includes(key) && message.topic === this.core.settings.namespace.unwrap(topic),
    );
    return { indexLastUpdateTimestamp: last, messages: own };
  }

  async byUniqueId(topic: string, id: string): Promise<ReceivedMessage | undefined> {
    const begin = beginOf(id, this.core.clock.now());
    const { messages } = await this.#ask(topic, id, { begin }, true);
    const own = messages.filter(({ msgId }) => msgId === id);
    return own.reduce<ReceivedMessage | undefined>(
      (first, message) => (first !== undefined && first.storeTimestamp <= message.storeTimestamp ? first : message),
      undefined,
    );
  }

  async #viewAt(place: { address: string; offset: number }, topic: string): Promise<ReceivedMessage | undefined> {
    const address = vipAddress(place.address, this.core.settings.vipChannelEnabled);
    const header = { topic, offset: place.offset };
    const { body } = await this.core.remoting.call(address, viewMessageById, header, { timeout: viewTimeout });
    return (await this.#read(body, this.#brokerNameOf(place.address)))[0];
  }

  /** All brokers at once; one that fails leaves its messages out, as long as one answers. */
  async #ask(
    topic: string,
    key: string,
    { maxNum = defaultMaxNum, begin = 0, end = Number.MAX_SAFE_INTEGER }: QueryOptions,
    isUniqueId: boolean,
  ): Promise<{ last: number; messages: ReceivedMessage[] }> {
    const brokers = await this.#brokersOf(topic);
    const header = { topic, key, maxNum, beginTimestamp: begin, endTimestamp: end };
    const extra = { [uniqueKeyFlag]: String(isUniqueId) };
    const outcomes = await Promise.allSettled(
      brokers.map(async ({ brokerName, address }) => {
        const options = { timeout: queryTimeout, accept: [ResponseCode.QUERY_NOT_FOUND], extra };
        const reply = await this.core.remoting.call(address, queryMessage, header, options);
        const messages = reply.code === ResponseCode.SUCCESS ? await this.#read(reply.body, brokerName) : [];
        return { last: reply.header.indexLastUpdateTimestamp ?? 0, messages };
      }),
    );
    const answers = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []));
    const failures = outcomes.flatMap((outcome): unknown[] => (outcome.status === 'rejected' ? [outcome.reason] : []));
    if (answers.length === 0 && failures.length > 0) throw failures[0];
    for (const error of failures) {
      this.core.log.warn('a broker was not asked for messages', { topic, error: messageOf(error) });
    }
    return {
      last: Math.max(0, ...answers.map(({ last }) => last)),
      messages: answers.flatMap(({ messages }) => messages),
    };
  }

  async #read(body: Buffer | readonly Buffer[], brokerName: string): Promise<ReceivedMessage[]> {
    const bytes = Buffer.isBuffer(body) ? body : Buffer.concat(body);
    const origin = originOf(this.core, brokerName);
    const messages = decodeMessages(Buffer.from(bytes)).map((record) => new PulledMessage(record, origin));
    await this.core.codecs.loadFor(messages);
    return messages;
  }

  async #brokersOf(topic: string): Promise<{ brokerName: string; address: string }[]> {
    await this.core.start();
    const { routes, settings } = this.core;
    const known = await routes.find(topic);
    const brokers = (known?.route.brokerDatas ?? []).flatMap((broker) => {
      const address = addressOf(broker);
      const { brokerName } = broker;
      return address === undefined ? [] : [{ brokerName, address: vipAddress(address, settings.vipChannelEnabled) }];
    });
    if (brokers.length > 0) return brokers;
    throw new RocketMQError('TOPIC_NOT_FOUND', `The topic[${topic}] not matched route info`);
  }

  /** What the routes call the broker at this address; "" for one they do not name. */
  #brokerNameOf(address: string): string {
    return this.core.routes.brokers().find((broker) => broker.address === address)?.brokerName ?? '';
  }
}

/** The master, or a slave while it is away. */
function addressOf({ brokerAddrs }: BrokerData): string | undefined {
  return brokerAddrs.get(masterId) ?? [...brokerAddrs.values()][0];
}

/** Undefined for ids that name no place: unique ids have as many digits. */
function placeOf(msgId: string): { address: string; offset: number } | undefined {
  try {
    const { ip, port, offset } = parseOffsetMessageId(msgId);
    return port === 0 ? undefined : { address: ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`, offset };
  } catch {
    return undefined;
  }
}

function beginOf(id: string, now: number): number {
  try {
    return timeOfUniqueId(id, now) - clockMargin;
  } catch {
    return now - threeDays;
  }
}

/** The broker is there and has no such message, or is no broker at all: the id may still be a unique id. */
function ignoreRefusal(error: unknown): undefined {
  const code = codeOf(error);
  if (code === 'REQUEST_REFUSED' || code === 'CONNECTION_FAILED' || code === 'TIMEOUT') return undefined;
  throw error;
}
