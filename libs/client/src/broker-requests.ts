import { ResponseCode, getConsumerRunningInfo, notifyConsumerIdsChanged } from '../../protocol/src/index.js';
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
    handle(getConsumerRunningInfo, [], ({ header: { consumerGroup } }) => {
      const info = consumers.get(consumerGroup)?.runningInfo();
      if (info !== undefined) return ok({}, { body: info });
      return fail(ResponseCode.SYSTEM_ERROR, `The Consumer Group <${consumerGroup}> not exist in this consumer`);
    }),
  ];
}
