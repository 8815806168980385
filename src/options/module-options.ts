import type {
  ClientConfig,
  CompressionType,
  LocalTransactionChecker,
  ProducerConfig,
  SendHook,
  TransactionListener,
} from '../../libs/client/src/index.js';
import type { RocketMQCodec } from '../codec/codec.js';
import { ConsumerOptions } from './consumer-options.js';
import {
  Callback,
  ClientName,
  CompressLevel,
  DestinationText,
  Entries,
  Flag,
  NameServers,
  Nested,
  Objects,
  OneOf,
  Optional,
  Port,
  ProducerGroup,
  Text,
  Topic,
  Whole,
  WholeNumbers,
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
  /** Most of the budget that one attempt may take while another can follow, milliseconds. Default -1: all of it. */
  @Optional() @Whole(-1, 600_000, 'ms') sendMsgMaxTimeoutPerRequest?: number;
  /** Refusals after which another broker is tried. Default 17, 14, 1, 2, 16, 204, 205, 1500. */
  @Optional() @WholeNumbers(1) retryResponseCodes?: readonly number[];
  /** Default ZLIB, which every client reads. */
  @Optional() @OneOf('ZLIB', 'LZ4', 'ZSTD') compressType?: CompressionType;
  /** 0 to 9 for ZLIB, 1 to 22 for ZSTD. Default 5. */
  @Optional() @CompressLevel() compressLevel?: number;
  /** Leaves brokers alone for a while that were slow or failed. Default false. */
  @Optional() @Flag() sendLatencyFaultEnable?: boolean;
  /** After a send that took latencyMax[i] or more ... Milliseconds. */
  @Optional() @WholeNumbers(0) latencyMax?: readonly number[];
  /** ... its broker is left alone for notAvailableDuration[i]. Milliseconds. */
  @Optional() @WholeNumbers(0) notAvailableDuration?: readonly number[];
  /** A broker that failed is asked again in the background, and used only once it has answered. Default false. */
  @Optional() @Flag() startDetectorEnable?: boolean;
  /** The same broker is asked so often at most, milliseconds. Default 2000. */
  @Optional() @Whole(1, 3_600_000, 'ms') detectInterval?: number;
  /** For an answer to that, milliseconds. Default 200. */
  @Optional() @Whole(1, 3_600_000, 'ms') detectTimeout?: number;
  /** Called around every attempt to send; a send interceptor stands around the send as a whole. */
  @Optional() @Objects() hooks?: readonly SendHook[];
  /** Tells the trace topic of every send. Default false. */
  @Optional() @Flag() enableMsgTrace?: boolean;
  /** Default RMQ_SYS_TRACE_TOPIC. */
  @Optional() @Topic() customizedTraceTopic?: string;
  /** Lets asyncSend wait its turn while more than the next two are under way. Default false. */
  @Optional() @Flag() enableBackpressureForAsyncMode?: boolean;
  /** Asynchronous sends under way at once. Default 10,000. */
  @Optional() @Whole(10) backPressureForAsyncSendNum?: number;
  /** Of their bodies together, bytes. Default 100 MiB. */
  @Optional() @Whole(1024 * 1024, Number.MAX_SAFE_INTEGER, 'bytes') backPressureForAsyncSendSize?: number;
  /** Runs local transactions that a send does not bring itself, and answers brokers that ask about any of the group. */
  @Optional() @Entries() transactionListener?: TransactionListener;
  /** Answers them alone, in place of the listener's. */
  @Optional() @Callback() checkLocalTransaction?: LocalTransactionChecker;
  /** Answers under way at once. Default 1. */
  @Optional() @Whole(1, 1000) checkThreadPoolMaxSize?: number;
  /** Questions that wait for their turn; brokers ask again about those beyond. Default 2000. */
  @Optional() @Whole(1, 1_000_000) checkRequestHoldMax?: number;
}

/** What RocketMQTemplate does when a send does not say. */
export class TemplateOptions {
  /** 'topic' or 'topic:tag' of sendDefault, and of convertAndSend with a payload alone. */
  @Optional() @DestinationText() defaultDestination?: string;
  /** true: a send rejects when the broker stored it but not as safely as asked (sendStatus is not SEND_OK). Default false. */
  @Optional() @Flag() requireStoreOk?: boolean;
}

/** The connection to the cluster. Apache's names and defaults. */
export class ConnectionOptions implements Omit<ClientConfig, 'nameServer' | 'clock' | 'log'> {
  /** Address in the client id. Default: the first external IPv4 address. */
  @Optional() @ClientName() clientIP?: string;
  /** Default 'DEFAULT', which becomes unique to the process. */
  @Optional() @ClientName() instanceName?: string;
  @Optional() @ClientName() unitName?: string;
  /** Says in sends and heartbeats that this client belongs to a unit. Default false. */
  @Optional() @Flag() unitMode?: boolean;
  /** Brokers know topics and groups as `namespace%name`; the application sees the bare names. Default none. */
  @Optional() @Text() namespace?: string;
  /** The namespace of 5.x, which travels beside every request instead. Default none. */
  @Optional() @Text() namespaceV2?: string;
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
  /** Most bytes a compressed body may inflate to; a message beyond cannot be read. Default 16 MiB. */
  @Optional() @Whole(1024, 1024 * 1024 * 1024, 'bytes') maxDecompressedSize?: number;
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
  @Optional() @Nested(TemplateOptions) template?: TemplateOptions;
  /** Codecs of the application, each for its content type, in both directions. JSON, text and bytes need none. */
  @Optional() @Objects() codecs?: readonly RocketMQCodec[];
  /** What listeners take when neither they nor their group say something else. */
  @Optional() @Nested(ConsumerOptions) consumer?: ConsumerOptions;
  @Optional() @Nested(ConnectionOptions) client?: ConnectionOptions;
}

/** What the start does when no name server answers: fail, ask again every 3 s, or not ask before the first use. */
export type ConnectFailurePolicy = 'fail' | 'retry' | 'lazy';
