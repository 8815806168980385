import { silentLogger, systemClock } from '../../libs/common/src/index.js';
import {
  getTopicStatsInfo,
  queryConsumerOffset,
  subscriptionGroupConfigBody,
  updateAndCreateSubscriptiongroup,
  updateAndCreateTopic,
  updateConsumerOffset,
} from '../../libs/protocol/src/index.js';
import { createRemotingClient } from '../../libs/remoting/src/index.js';

/** What a benchmark asks of a broker beside the traffic it makes. */
export class BrokerAdmin {
  readonly #client = createRemotingClient({ clock: systemClock, log: silentLogger, handlers: [] });
  readonly #address: string;

  constructor({ port }: { readonly port: number }) {
    this.#address = `127.0.0.1:${port}`;
  }

  /** With as many queues for reading as for writing. */
  async createTopic(topic: string, queues: number): Promise<void> {
    await this.#client.call(this.#address, updateAndCreateTopic, {
      topic,
      defaultTopic: 'TBW102',
      readQueueNums: queues,
      writeQueueNums: queues,
      perm: 6,
      topicFilterType: 'SINGLE_TAG',
      topicSysFlag: 0,
      order: false,
    });
  }

  /** Messages a topic ever held. */
  async messageCount(topic: string): Promise<number> {
    const { body } = await this.#client.call(this.#address, getTopicStatsInfo, { topic });
    return body.offsetTable.reduce((sum, [, { maxOffset }]) => sum + maxOffset, 0);
  }

  /** A group that begins at the first message of each queue: a new one may begin at the end. */
  async createGroup(consumerGroup: string, topic: string, queues: number): Promise<void> {
    // Reading fills in Java's defaults.
    const body = subscriptionGroupConfigBody.decode(
      Buffer.from(JSON.stringify({ groupName: consumerGroup, brokerId: 0 })),
    );
    await this.#client.call(this.#address, updateAndCreateSubscriptiongroup, {}, { body });
    for (let queueId = 0; queueId < queues; queueId++) {
      const place = { consumerGroup, topic, queueId, commitOffset: 0 };
      await this.#client.call(this.#address, updateConsumerOffset, place);
    }
  }

  /** Sum of what a group has committed in the queues of a topic. */
  async consumedCount(consumerGroup: string, topic: string, queues: number): Promise<number> {
    let sum = 0;
    for (let queueId = 0; queueId < queues; queueId++) {
      const { header } = await this.#client.call(this.#address, queryConsumerOffset, { consumerGroup, topic, queueId });
      sum += header.offset;
    }
    return sum;
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

/** Makes the topic with as many queues for reading as for writing. */
export async function createTopic(broker: { readonly port: number }, topic: string, queues: number): Promise<void> {
  const admin = new BrokerAdmin(broker);
  await admin.createTopic(topic, queues).finally(() => admin.close());
}
