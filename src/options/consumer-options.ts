import type {
  AllocateStrategy,
  ConsumeFromWhere,
  ConsumeHook,
  ConsumeMode,
  MessageModel,
  PushConsumerConfig,
  SubscriptionCheck,
} from '../../libs/client/src/index.js';
import { AllocateStrategyOption, Flag, Objects, OneOf, Optional, Positive, Timestamp, Topic, Whole } from './checks.js';

/**
 * What the consumer of a group does: given for a connection, a group or a listener, the nearest counts. Apache's names
 * and defaults. Listeners of one group are one consumer: of these options one of them says something, or all the same.
 */
export class ConsumerOptions implements Partial<PushConsumerConfig> {
  /** CLUSTERING: each message to one member of the group; BROADCASTING: to every one. Default CLUSTERING. */
  @Optional() @OneOf('CLUSTERING', 'BROADCASTING') messageModel?: MessageModel;
  /** ORDERLY: the messages of a queue one after the other. Default CONCURRENTLY. */
  @Optional() @OneOf('CONCURRENTLY', 'ORDERLY') consumeMode?: ConsumeMode;
  /** Handlers running at once. Default 20. */
  @Optional() @Whole(1, 1000) concurrency?: number;
  /** Handlers running at once with messages of one queue. Default: no limit but `concurrency`; 1 when ORDERLY. */
  @Optional() @Whole(1, 1000) concurrencyPerQueue?: number;
  /** Where the group begins when it has no offsets. Default CONSUME_FROM_LAST_OFFSET. */
  @Optional()
  @OneOf('CONSUME_FROM_LAST_OFFSET', 'CONSUME_FROM_FIRST_OFFSET', 'CONSUME_FROM_TIMESTAMP')
  consumeFromWhere?: ConsumeFromWhere;
  /** yyyyMMddHHmmss, for CONSUME_FROM_TIMESTAMP. Default: half an hour before the start. */
  @Optional() @Timestamp() consumeTimestamp?: string;
  /** Most messages of one pull. Default 32. */
  @Optional() @Whole(1, 1024) pullBatchSize?: number;
  /** Pause between two pulls of a queue, milliseconds. Default 0. */
  @Optional() @Whole(0, 65535, 'ms') pullInterval?: number;
  /** Messages of one queue held here before pulling waits. Default 1000. */
  @Optional() @Whole(1, 65535) pullThresholdForQueue?: number;
  /** MiB of one queue held here before pulling waits. Default 100. */
  @Optional() @Whole(1, 1024, 'MiB') pullThresholdSizeForQueue?: number;
  /** Messages of all queues together, in place of the limit for one. Default -1: none. */
  @Optional() @Whole(-1, 6_553_500) pullThresholdForTopic?: number;
  /** MiB of all queues together, in place of the limit for one. Default -1: none. */
  @Optional() @Whole(-1, 102_400, 'MiB') pullThresholdSizeForTopic?: number;
  /** Distance of the offsets held here before pulling waits. Default 2000. */
  @Optional() @Whole(1, 65535) consumeConcurrentlyMaxSpan?: number;
  /** How often a failed message comes again before it goes to %DLQ%group. Default -1: 16, or without end when ORDERLY. */
  @Optional() @Whole(-1) maxReconsumeTimes?: number;
  /** Minutes until a handler has run too long, fractions too. Default 15. */
  @Optional() @Positive(10_080, 'minutes') consumeTimeout?: number;
  /** How long a queue waits after a failure when ORDERLY, milliseconds. Default 1000. */
  @Optional() @Whole(10, 30_000, 'ms') suspendCurrentQueueTimeMillis?: number;
  /** When other members of the group subscribe to something else. Default 'warn'. */
  @Optional() @OneOf('warn', 'refuse', 'off') checkSubscription?: SubscriptionCheck;
  /** How long a stop waits for handlers under way, milliseconds. Default 10,000. */
  @Optional() @Whole(0, undefined, 'ms') awaitTerminationMillis?: number;
  /**
   * How the members of the group share queues, by name or as a function; the same at all of them. In a decorator a
   * function is one of the module's options, as with every option: `() => allocateByConfig(queues)`. Default AVG.
   */
  @Optional() @AllocateStrategyOption() allocateMessageQueueStrategy?: AllocateStrategy;
  /** Tells the trace topic of every message what became of it. Default false. */
  @Optional() @Flag() enableMsgTrace?: boolean;
  /** Default RMQ_SYS_TRACE_TOPIC. */
  @Optional() @Topic() customizedTraceTopic?: string;
  /** Called around every call of a handler, at once and not waited for. */
  @Optional() @Objects() hooks?: readonly ConsumeHook[];
}
