import {
  MessageProperty,
  ResponseCode,
  checkTransactionState,
  consumeMessageDirectly,
  decodeMessage,
  getConsumerRunningInfo,
  getConsumerStatusFromClient,
  notifyConsumerIdsChanged,
  propertyOf,
  pushReplyMessageToClient,
  resetConsumerClientOffset,
} from '../../protocol/src/index.js';
import { fail, handle, ok, type AnyHandler } from '../../remoting/src/index.js';
import type { ClientCore } from './client-core.js';
import type { RegisteredConsumer } from './consumer/registered-consumer.js';
import { pushedReply } from './producer/request-reply/pushed-reply.js';

type Core = Pick<ClientCore, 'settings' | 'clock' | 'log' | 'codecs' | 'pendingRequests' | 'checkedGroups'>;

/** What brokers may ask of a client, on the client's own connections. Anything else is answered "not supported". */
export function brokerRequestHandlers(consumers: ReadonlyMap<string, RegisteredConsumer>, core: Core): AnyHandler[] {
  return [
    // One-way: the answer is a request of ours.
    handle(checkTransactionState, [], ({ header, bytes, connection }) => {
      const record = decodeMessage(Buffer.from(bytes));
      const group = propertyOf(record.properties, MessageProperty.PGROUP) ?? '';
      const checks = core.checkedGroups.next(group);
      checks?.take({ header, record, connection });
      if (checks === undefined) {
        core.log.warn('a broker asks about a transaction, and no producer of the group has a checker', {
          group,
          broker: connection.remoteAddress,
          msgId: header.msgId,
        });
      }
      return ok({});
    }),
    // Members of one group consume from many brokers, each of which notices at its own time: as in Java, every notice
    // makes every consumer look again.
    handle(notifyConsumerIdsChanged, [], () => {
      for (const consumer of consumers.values()) consumer.wake();
      return ok({});
    }),
    handle(getConsumerRunningInfo, [], ({ header: { consumerGroup, jstackEnable } }) => {
      const info = consumers.get(consumerGroup)?.runningInfo(jstackEnable);
      return info === undefined ? noSuchGroup(consumerGroup) : ok({}, { body: info });
    }),
    // One-way: nobody waits for the answer.
    handle(resetConsumerClientOffset, [], (exchange) => {
      const { topic, group } = exchange.header;
      consumers.get(group)?.resetOffsets?.(topic, exchange.body().offsetTable);
      return ok({});
    }),
    handle(getConsumerStatusFromClient, [], ({ header: { topic, group } }) => {
      const messageQueueTable = consumers.get(group)?.offsetsOf?.(topic) ?? [];
      return ok({}, { body: { messageQueueTable, consumerTable: new Map() } });
    }),
    handle(consumeMessageDirectly, [], async ({ header: { consumerGroup, brokerName = '' }, bytes }) => {
      const body = await consumers.get(consumerGroup)?.consumeDirectly?.(Buffer.from(bytes), brokerName);
      return body === undefined ? noSuchGroup(consumerGroup) : ok({}, { body });
    }),
    handle(pushReplyMessageToClient, [], async ({ header, bytes, connection }) => {
      const reply = pushedReply(header, Buffer.from(bytes), core);
      await core.codecs.loadFor([reply]);
      const correlationId = reply.properties.get(MessageProperty.CORRELATION_ID);
      if (!core.pendingRequests.arrived(correlationId, reply)) {
        // Answered as taken, as in Java: whoever replied could do nothing about it.
        core.log.warn('a reply came for which nobody waits any more', {
          correlationId,
          broker: connection.remoteAddress,
        });
      }
      return ok({});
    }),
  ];
}

function noSuchGroup(group: string) {
  return fail(ResponseCode.SYSTEM_ERROR, `The Consumer Group <${group}> not exist in this consumer`);
}
