import { messageOf } from '../../../common/src/index.js';
import {
  checkTransactionState,
  encodeMessage,
  MessageProperty,
  offsetMessageId,
  SystemTopic,
  withProperty,
  type RequestInput,
} from '../../../protocol/src/index.js';
import type { AppendResult } from '../../../store/src/index.js';
import type { BrokerParts } from '../parts.js';
import type { HalfMessage } from './half-message.js';

type Parts = Pick<BrokerParts, 'config' | 'log' | 'producers' | 'identity'>;

/** Producers that are tried before the question waits for the next check, as in Java. */
const mostTries = 3;

/** Asks producers what became of a transaction. One-way: the answer is an END_TRANSACTION. */
export class CheckRequests {
  constructor(private readonly parts: Parts) {}

  /** One of the group that is connected, another one each time. Never throws: the next check asks again. */
  ask(half: HalfMessage, checkTimes: number, copy: AppendResult): void {
    const { group = '', realTopic: topic, uniqueKey: msgId } = half;
    try {
      if (this.send(group, this.headerOf(half, copy), bodyOf(half, checkTimes, copy))) return;
      this.parts.log.warn('nobody can be asked about a transaction', { group, topic, msgId });
    } catch (error) {
      const facts = { group, topic, msgId, error: messageOf(error) };
      this.parts.log.error('a question about a transaction could not be put', facts);
    }
  }

  private send(group: string, header: RequestInput<typeof checkTransactionState>, body: Buffer): boolean {
    const producers = this.parts.producers.inTurn(group).slice(0, mostTries);
    return producers.some(({ connection }) => connection.oneWay(checkTransactionState, header, { body }));
  }

  private headerOf(half: HalfMessage, copy: AppendResult): RequestInput<typeof checkTransactionState> {
    const { config, identity } = this.parts;
    const { ip, port } = half.record.storeHost;
    const msgId = half.uniqueKey;
    const since5 = { topic: SystemTopic.TRANS_HALF, bname: identity.brokerName };
    return {
      tranStateTableOffset: copy.queueOffset,
      commitLogOffset: copy.physicalOffset,
      msgId,
      transactionId: msgId,
      offsetMsgId: offsetMessageId(ip, port, copy.physicalOffset),
      ...(config.brokerVersion === 'V4_9_7' ? {} : since5),
    };
  }
}

/** The copy as its producer should see it: with the topic and queue that it is for. */
function bodyOf(half: HalfMessage, checkTimes: number, { queueOffset, physicalOffset }: AppendResult): Buffer {
  const { record } = half;
  return encodeMessage({
    ...record,
    topic: half.realTopic ?? record.topic,
    queueId: half.realQueueId,
    queueOffset,
    physicalOffset,
    properties: withProperty(record.properties, MessageProperty.TRANSACTION_CHECK_TIMES, String(checkTimes)),
  });
}
