import type { Clock, Lifecycle, Logger } from '../../../common/src/index.js';
import type { Admin } from './admin.js';
import type { Producer, ProducerConfig } from './producer.js';
import type { LitePullConsumer, LitePullConsumerConfig } from './lite-pull-consumer.js';
import type { PullConsumer, PullConsumerConfig, PullScheduleConfig, PullScheduleService } from './pull-consumer.js';
import type { PushConsumer, PushConsumerConfig } from './push-consumer.js';

/** What `start` does when no name server answers: reject, ask again every 3 s until one does, or not ask at all. */
export type ConnectFailurePolicy = 'fail' | 'retry' | 'lazy';

/** How a client reaches its cluster. Shared by all producers and consumers made with it. */
export interface ClientConfig {
  /**
   * 'host:port;host:port' or a list. Default: the environment's rocketmq.namesrv.addr, else NAMESRV_ADDR, else what the
   * HTTP address server of rocketmq.namesrv.domain (and .subgroup, 'nsaddr') says, asked every two minutes.
   */
  readonly nameServer?: string | readonly string[];
  /** Address put into the client id; default: the first external IPv4 address, else 127.0.0.1. */
  readonly clientIP?: string;
  /** Default 'DEFAULT', which becomes pid#nanoseconds, as in Java. */
  readonly instanceName?: string;
  readonly unitName?: string;
  /** Says in sends and heartbeats that this client belongs to a unit. Default false. */
  readonly unitMode?: boolean;
  /** Brokers know topics and groups as `namespace%name`; the application sees the bare names. Default none. */
  readonly namespace?: string;
  /** The namespace of 5.x, which travels beside every request instead. Default none. */
  readonly namespaceV2?: string;
  /** Default 'fail'. */
  readonly onConnectFailure?: ConnectFailurePolicy;
  /** Milliseconds; Apache's names and defaults. */
  readonly pollNameServerInterval?: number; // 30,000
  readonly heartbeatBrokerInterval?: number; // 30,000
  readonly persistConsumerOffsetInterval?: number; // 5,000
  /** Calls without a timeout of their own. Default 3000. */
  readonly requestTimeout?: number;
  /** Ask brokers on listenPort-2. Default false. */
  readonly vipChannelEnabled?: boolean;
  readonly serializer?: 'JSON' | 'ROCKETMQ';
  /** LanguageCode ordinal and MQVersion ordinal of our frames. */
  readonly language?: number;
  readonly version?: number;
  /** Where broadcasting consumers keep offsets; default ~/.rocketmq_offsets (rocketmq.client.localOffsetStoreDir). */
  readonly localOffsetStoreDir?: string;
  /** Most bytes a compressed body may inflate to; a message beyond fails when its body is read. Default 16 MiB. */
  readonly maxDecompressedSize?: number;
  readonly clock?: Clock;
  readonly log?: Logger;
}

/**
 * One connection to one cluster: remoting, route cache, heartbeats. Producers and consumers made with it share it.
 * `start` resolves once a name server answered a call or rejects with NAME_SERVER_UNAVAILABLE (see onConnectFailure);
 * `close` closes what it made, in reverse. Producers and consumers start the client when they are started first.
 */
export interface RocketMQClient extends Lifecycle {
  readonly clientId: string;
  /** Start it before it sends. @throws RocketMQError ARGUMENT_INVALID, as the next four do. */
  createProducer(config?: ProducerConfig): Producer;
  /** Subscribe, then start. */
  createPushConsumer(config: PushConsumerConfig): PushConsumer;
  /** Asks for each batch: Java's DefaultMQPullConsumer. */
  createPullConsumer(config: PullConsumerConfig): PullConsumer;
  /** Pulls in the background and hands out on `poll`. */
  createLitePullConsumer(config: LitePullConsumerConfig): LitePullConsumer;
  /** A pull consumer with a callback for each queue. */
  createPullSchedule(config: PullScheduleConfig): PullScheduleService;
  readonly admin: Admin;
}
