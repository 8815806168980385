import { getBrokerConsumeStats as declaration, ResponseCode, type ConsumeStats } from '../../../protocol/src/index.js';
import { fail, handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';
import { queueProgress } from '../stats/queue-progress.js';

type Parts = Pick<BrokerParts, 'groups' | 'topics' | 'offsets' | 'consumers' | 'store' | 'stats' | 'identity'>;

/** Each is a read of the store; more of them would not fit into an answer either. */
const mostQueues = 100_000;

export const getBrokerConsumeStats = (parts: Parts) =>
  handle(declaration, [], async ({ header: { isOrder } }) => {
    const consumeStatsList: Map<string, ConsumeStats[]>[] = [];
    let queues = 0;
    for (const group of parts.groups.snapshot().subscriptionGroupTable.keys()) {
      const stats = await statsOf(parts, group, isOrder);
      consumeStatsList.push(new Map([[group, stats]]));
      for (const { offsetTable } of stats) queues += offsetTable.length;
      if (queues > mostQueues) {
        const remark = `groups have offsets in more than ${mostQueues} queues: ask for one group by GET_CONSUME_STATS`;
        return fail(ResponseCode.SYSTEM_ERROR, remark);
      }
    }
    const rows = consumeStatsList.flatMap((groups) => [...groups.values()]).flatMap((stats) => stats.map(rowsOf));
    let totalDiff = 0;
    let totalInflightDiff = 0;
    for (const { brokerOffset, consumerOffset, pullOffset = consumerOffset } of rows.flat()) {
      totalDiff += brokerOffset - consumerOffset;
      totalInflightDiff += pullOffset - consumerOffset;
    }
    const brokerAddr = parts.identity.address;
    return ok({}, { body: { brokerAddr, consumeStatsList, totalDiff, totalInflightDiff } });
  });

function rowsOf({ offsetTable }: ConsumeStats) {
  return offsetTable.map(([, progress]) => progress);
}

/** One item for each topic the group has offsets in. */
async function statsOf(parts: Parts, group: string, isOrder: boolean): Promise<ConsumeStats[]> {
  const { topics, offsets, consumers, stats } = parts;
  const found: ConsumeStats[] = [];
  for (const topic of offsets.topicsOf(group)) {
    const config = topics.get(topic);
    if (config === undefined || (isOrder && !config.order) || consumers.hasLeft(group, topic)) continue;
    const offsetTable = await queueProgress(parts, group, config, config.writeQueueNums);
    found.push({ consumeTps: stats.consumeRate(group, topic), offsetTable });
  }
  return found;
}
