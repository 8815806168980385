import type {
  Admin,
  ClusterState,
  MessageQueue,
  MessageTrace,
  MessageTrack,
  QueryOptions,
  QueryResult,
  ReceivedMessage,
} from '../../libs/client/src/index.js';
import type { RocketMQConnection } from './rocketmq-connection.js';

type TopicOptions = Parameters<Admin['createTopic']>[1];
type TraceOptions = Parameters<Admin['queryMessageTrace']>[1];

/** The client's administrative calls. As {@link ConnectedProducer}, a name for those of the client of the moment. */
export class ConnectedAdmin implements Admin {
  constructor(private readonly connection: RocketMQConnection) {}

  async createTopic(name: string, options?: TopicOptions): Promise<void> {
    return (await this.#admin()).createTopic(name, options);
  }

  async topicExists(topic: string): Promise<boolean> {
    return (await this.#admin()).topicExists(topic);
  }

  async searchOffset(queue: MessageQueue, timestamp: number): Promise<number> {
    return (await this.#admin()).searchOffset(queue, timestamp);
  }

  async maxOffset(queue: MessageQueue): Promise<number> {
    return (await this.#admin()).maxOffset(queue);
  }

  async minOffset(queue: MessageQueue): Promise<number> {
    return (await this.#admin()).minOffset(queue);
  }

  async earliestMsgStoreTime(queue: MessageQueue): Promise<number> {
    return (await this.#admin()).earliestMsgStoreTime(queue);
  }

  async viewMessage(topic: string, msgId: string): Promise<ReceivedMessage> {
    return (await this.#admin()).viewMessage(topic, msgId);
  }

  async queryMessage(topic: string, key: string, options?: QueryOptions): Promise<QueryResult> {
    return (await this.#admin()).queryMessage(topic, key, options);
  }

  async queryMessageByUniqKey(topic: string, uniqKey: string): Promise<ReceivedMessage | undefined> {
    return (await this.#admin()).queryMessageByUniqKey(topic, uniqKey);
  }

  async messageTrack(message: ReceivedMessage): Promise<readonly MessageTrack[]> {
    return (await this.#admin()).messageTrack(message);
  }

  async queryMessageTrace(msgId: string, options?: TraceOptions): Promise<readonly MessageTrace[]> {
    return (await this.#admin()).queryMessageTrace(msgId, options);
  }

  async examineCluster(timeout?: number): Promise<ClusterState> {
    return (await this.#admin()).examineCluster(timeout);
  }

  async #admin(): Promise<Admin> {
    const { client } = await this.connection.session('RocketMQAdmin');
    return client.admin;
  }
}
