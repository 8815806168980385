import { ResponseCode } from '../../../protocol/src/index.js';
import { fail, type Connection } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';
import type { Refusal } from './refusal.js';

interface QueueRequest {
  readonly header: { readonly topic: string; readonly queueId: number };
  readonly connection: Connection;
}

/** The topic has such a queue for readers. */
export const readableQueue =
  ({ topics }: Pick<BrokerParts, 'topics'>) =>
  ({ header: { topic, queueId }, connection }: QueueRequest): Refusal => {
    const queues = topics.get(topic)?.readQueueNums ?? 0;
    if (queueId >= 0 && queueId < queues) return undefined;
    const where = `topic:[${topic}] topicConfig.readQueueNums:[${queues}] consumer:[${connection.remoteAddress}]`;
    return fail(ResponseCode.SYSTEM_ERROR, `queueId[${queueId}] is illegal, ${where}`);
  };
