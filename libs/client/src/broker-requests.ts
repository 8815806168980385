import {
  ResponseCode,
  consumeMessageDirectly,
  getConsumerRunningInfo,
  getConsumerStatusFromClient,
  notifyConsumerIdsChanged,
  resetConsumerClientOffset,
} from '../../protocol/src/index.js';
import { fail, handle, ok, type AnyHandler } from '../../remoting/src/index.js';
import type { RegisteredConsumer } from './consumer/registered-consumer.js';

/** What brokers may ask of a client, on the client's own connections. Anything else is answered "not supported". */
export function brokerRequestHandlers(consumers: ReadonlyMap<string, RegisteredConsumer>): AnyHandler[] {
  return [
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
  ];
}

function noSuchGroup(group: string) {
  return fail(ResponseCode.SYSTEM_ERROR, `The Consumer Group <${group}> not exist in this consumer`);
}
