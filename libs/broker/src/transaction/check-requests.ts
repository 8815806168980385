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

  /** One of the group that is connected, another one each time. */
  ask(half: HalfMessage, checkTimes: number, copy: AppendResult): void {
    const { producers, log } = this.parts;
    const group = half.group ?? '';
    const header = this.headerOf(half, copy);
    const body = bodyOf(half, checkTimes, copy);
    for (const { connection } of producers.inTurn(group).slice(0, mostTries)) {
      if (connection.oneWay(checkTransactionState, header, { body })) return;
    }
    log.warn('nobody can be asked about a transaction', { group, topic: half.realTopic, msgId: header.msgId });
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
