import type { ClientConfig, ConsumeFromWhere, ProducerConfig } from '../../libs/client/src/index.js';
import {
  ClientName,
  Entries,
  Flag,
  NameServers,
  Nested,
  OneOf,
  Optional,
  Port,
  ProducerGroup,
  Text,
  Topic,
  Whole,
} from './checks.js';

/** A day, milliseconds. */
const longestInterval = 24 * 60 * 60 * 1000;

/** Options of the producer behind RocketMQTemplate. Apache's names and defaults. */
export class ProducerOptions implements ProducerConfig {
  /** Default DEFAULT_PRODUCER. */
  @Optional() @ProducerGroup() producerGroup?: string;
  /** Budget of one send over all its attempts, milliseconds. Default 3000. */
  @Optional() @Whole(1, 600_000, 'ms') sendMsgTimeout?: number;
  /** Default 2. */
  @Optional() @Whole(0, 100) retryTimesWhenSendFailed?: number;
  /** Default 2. */
  @Optional() @Whole(0, 100) retryTimesWhenSendAsyncFailed?: number;
  /** Also try another broker when one answered that it did not store safely. Default false. */
  @Optional() @Flag() retryAnotherBrokerWhenNotStoreOK?: boolean;
  /** Bodies longer than this are compressed, bytes. Default 4096. */
  @Optional() @Whole(1, undefined, 'bytes') compressMsgBodyOverHowmuch?: number;
  /** Bytes. Default 4 MiB. Batches are split to stay below it; a frame holds 16 MiB. */
  @Optional() @Whole(1, 16 * 1024 * 1024, 'bytes') maxMessageSize?: number;
  /** Queues of a topic that the first send creates. Default 4. */
  @Optional() @Whole(1, 65_535) defaultTopicQueueNums?: number;
  /** Default TBW102. */
  @Optional() @Topic() createTopicKey?: string;
}

/** What listeners take when they say nothing themselves. */
export class ConsumerOptions {
  /** Handlers of one listener running at once. Default 20. */
  @Optional() @Whole(1, 1000) concurrency?: number;
  /** Where a group without offsets begins. Default CONSUME_FROM_LAST_OFFSET. */
  @Optional()
  @OneOf('CONSUME_FROM_LAST_OFFSET', 'CONSUME_FROM_FIRST_OFFSET', 'CONSUME_FROM_TIMESTAMP')
  consumeFromWhere?: ConsumeFromWhere;
  /** How often a failed message comes again before it goes to %DLQ%group. Default -1: 16, or without end when ORDERLY. */
  @Optional() @Whole(-1) maxReconsumeTimes?: number;
  /** How long a stop waits for handlers under way, milliseconds. Default 10,000. */
  @Optional() @Whole(0, undefined, 'ms') awaitTerminationMillis?: number;
  /** Most messages of one pull. Default 32. */
  @Optional() @Whole(1, 1024) pullBatchSize?: number;
}

/** The connection to the cluster. Apache's names and defaults. */
export class ConnectionOptions implements Omit<ClientConfig, 'nameServer' | 'clock' | 'log'> {
  /** Address in the client id. Default: the first external IPv4 address. */
  @Optional() @ClientName() clientIP?: string;
  /** Default 'DEFAULT', which becomes unique to the process. */
  @Optional() @ClientName() instanceName?: string;
  @Optional() @ClientName() unitName?: string;
  /** Default 30,000. */
  @Optional() @Whole(10, longestInterval, 'ms') pollNameServerInterval?: number;
  /** Default 30,000. */
  @Optional() @Whole(10, longestInterval, 'ms') heartbeatBrokerInterval?: number;
  /** Default 5000. */
  @Optional() @Whole(10, longestInterval, 'ms') persistConsumerOffsetInterval?: number;
  /** Of calls without a timeout of their own. Default 3000. */
  @Optional() @Whole(10, longestInterval, 'ms') requestTimeout?: number;
  /** Ask brokers on listenPort-2. Default false. */
  @Optional() @Flag() vipChannelEnabled?: boolean;
  /** Form of request headers. Default JSON. */
  @Optional() @OneOf('JSON', 'ROCKETMQ') serializer?: 'JSON' | 'ROCKETMQ';
  /** LanguageCode ordinal of our frames. */
  @Optional() @Whole(0, 127) language?: number;
  /** MQVersion ordinal of our frames. Default 407 (V4_9_7). */
  @Optional() @Whole(0, 32767) version?: number;
  /** Where broadcasting listeners keep their offsets. Default ~/.rocketmq_offsets. */
  @Optional() @Text() localOffsetStoreDir?: string;
}

/** A name server and a broker inside this application. */
export class EmbeddedOptions {
  /** Port of the name server. Default 9876; 0 = a free one. */
  @Optional() @Port() port?: number;
  /** Port of the broker. Default 10911, or a free one when `port` is 0. */
  @Optional() @Port() brokerPort?: number;
  /** Address both bind and advertise. Default 127.0.0.1. */
  @Optional() @Text() bindAddress?: string;
  /** Directory of the store and of the servers' own files. Default .rocketmq in the working directory. */
  @Optional() @Text() storePathRootDir?: string;
  /** Further keys of the broker, in Apache's spelling. */
  @Optional() @Entries() broker?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Further keys of the name server, in Apache's spelling. */
  @Optional() @Entries() nameServer?: Readonly<Record<string, string | number | boolean | undefined>>;
}

/** Options of `RocketMQModule.forRoot`. */
export class RocketMQModuleOptions {
  /**
   * 'host:port;host:port' or a list. Without it the environment counts: rocketmq.namesrv.addr, then NAMESRV_ADDR, then
   * what the address server of rocketmq.namesrv.domain says. Wins over `embedded`.
   */
  @Optional() @NameServers() nameServer?: string | readonly string[];
  /** true hosts a name server and a broker in this application, unless a name server is configured. */
  @Optional()
  @Nested(EmbeddedOptions, 'must be true, false, or an object of options')
  embedded?: boolean | EmbeddedOptions;
  /** false: no sockets; sends are refused, listeners stay silent. Default true. */
  @Optional() @Flag() enabled?: boolean;
  /** false: listeners begin when RocketMQListeners.start() is called, not with the application. Default true. */
  @Optional() @Flag() autoStart?: boolean;
  /**
   * When no name server answers: 'fail' stops the start of the application; 'retry' lets it start and tries every 3 s;
   * 'lazy' connects at the first use. Default 'fail'.
   */
  @Optional() @OneOf('fail', 'retry', 'lazy') onConnectFailure?: ConnectFailurePolicy;
  @Optional() @Nested(ProducerOptions) producer?: ProducerOptions;
  @Optional() @Nested(ConsumerOptions) consumer?: ConsumerOptions;
  @Optional() @Nested(ConnectionOptions) client?: ConnectionOptions;
}

export type ConnectFailurePolicy = 'fail' | 'retry' | 'lazy';
