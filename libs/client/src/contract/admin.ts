import type { MessageQueue, ReceivedMessage } from './message.js';
import type { MessageTrace, MessageTrack, TraceQueryOptions } from './tracking.js';

/** Narrows what brokers look up by key. */
export interface QueryOptions {
  /** Most messages a broker is asked for. Default 32. */
  readonly maxNum?: number;
  /** Stored at this time or later, and at this time or before; milliseconds since the epoch. Default: any time. */
  readonly begin?: number;
  readonly end?: number;
}

/** What brokers found by key. */
export interface QueryResult {
  /** How far the index of the brokers had come, milliseconds since the epoch. */
  readonly indexLastUpdateTimestamp: number;
  readonly messages: readonly ReceivedMessage[];
}

/** A name server that was asked. */
export interface NameServerState {
  /** 'host:port' */
  readonly address: string;
  /** Why it gave no answer; undefined when it did. */
  readonly error: unknown;
}

/** A broker that is registered: name servers drop one that has been silent for two minutes. */
export interface RegisteredBroker {
  readonly cluster: string;
  readonly brokerName: string;
  /** Addresses by broker id; 0 is the master. */
  readonly addresses: ReadonlyMap<number, string>;
}

/** A cluster as its name servers see it. */
export interface ClusterState {
  readonly nameServers: readonly NameServerState[];
  /** Of all name servers that answered, by name. */
  readonly brokers: readonly RegisteredBroker[];
}

/** Administrative calls every client has in Java (MQAdmin), and those the Nest face needs. */
export interface Admin {
  /** On every master of the cluster; 8 queues (`readQueues`, `writeQueues`) and read-write (`perm` 6) unless said otherwise. */
  createTopic(name: string, options?: { readQueues?: number; writeQueues?: number; perm?: number }): Promise<void>;
  /** Whether name servers have a route of it. */
  topicExists(topic: string): Promise<boolean>;
  /**
   * Asks every name server, each for `timeout` milliseconds (default 6000). Rejects only when none can be asked, for the
   * client does not start or is closed; that none answers is told like that of one.
   */
  examineCluster(timeout?: number): Promise<ClusterState>;
  /** Offset of the first message that was stored at `timestamp` (milliseconds since the epoch) or later. */
  searchOffset(queue: MessageQueue, timestamp: number): Promise<number>;
  /** Offset that the next message of the queue gets. */
  maxOffset(queue: MessageQueue): Promise<number>;
  /** Offset of the oldest message that the queue still has. */
  minOffset(queue: MessageQueue): Promise<number>;
  /** When its oldest message was stored, milliseconds since the epoch. */
  earliestMsgStoreTime(queue: MessageQueue): Promise<number>;
  /** By offset id, which names the broker, or by unique id. Rejects with code 208, NO_MESSAGE, when there is none. */
  viewMessage(topic: string, msgId: string): Promise<ReceivedMessage>;
  /** Of all brokers of the topic: messages that have this key, whose names are compared again here. */
  queryMessage(topic: string, key: string, options?: QueryOptions): Promise<QueryResult>;
  /** The first one stored with this unique id; undefined when there is none. */
  queryMessageByUniqKey(topic: string, uniqKey: string): Promise<ReceivedMessage | undefined>;
  /** What became of a message that was looked up, in each group that reads its topic. */
  messageTrack(message: ReceivedMessage): Promise<readonly MessageTrack[]>;
  /** What clients traced about the message with this unique id, in the order of time. */
  queryMessageTrace(msgId: string, options?: TraceQueryOptions): Promise<readonly MessageTrace[]>;
}
