import type { SendConfig } from '../load/send.js';
import { runChild } from './child.js';

export interface Backlog {
  readonly topic: string;
  readonly bodySize: number;
  /** Over all queues. */
  readonly messages: number;
}

/** Sends messages to a topic that is there, spread over its queues. */
export async function fillTopic(port: number, queues: number, { topic, bodySize, messages }: Backlog): Promise<void> {
  const config: SendConfig = {
    host: '127.0.0.1',
    port,
    topics: [topic],
    queues,
    bodySize,
    serializer: 'ROCKETMQ',
    connections: 1,
    inFlight: 64,
    warmUp: 0,
    measure: 0,
    total: messages,
  };
  await runChild('send.js', config);
}
