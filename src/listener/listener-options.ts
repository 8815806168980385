import type {
  AllocateStrategyName,
  ConsumeFromWhere,
  ConsumeMode,
  MessageModel,
  SubscriptionCheck,
} from '../../libs/client/src/index.js';
import {
  ConsumerGroup,
  Flag,
  OneOf,
  Optional,
  Positive,
  Text,
  Timestamp,
  Topic,
  Type,
  Whole,
} from '../options/checks.js';
import { type ErrorRule, ErrorRules, PoisonOutcome } from './error-policy.js';
import { Idempotent, type IdempotencyOptions } from './idempotency.js';
import type { RocketMQOutcome } from './outcome.js';

/** Languages of a selectorExpression. */
export type SelectorType = 'TAG' | 'SQL92';

/** A constructor that names what a payload is turned into. */
export type PayloadType = abstract new (...args: never[]) => unknown;

/**
 * Options of every kind of listener but its topic. Apache's names and defaults; what is left out comes from the module's
 * `consumer`. Listeners of one group are one consumer: what bears on the consumer (modes, start, limits, timeouts) is
 * given by one of them, or by all alike.
 */
export class ConsumingOptions {
  /** Listeners of one group share a consumer; each message goes to one of them. */
  @ConsumerGroup() consumerGroup!: string;
  /** Tags: 'placed || changed'. Default '*', all of them. With selectorType SQL92 a condition: "amount > 100". */
  @Optional() @Text() selectorExpression?: string;
  /** What selectorExpression is. Default TAG. */
  @Optional() @OneOf('TAG', 'SQL92') selectorType?: SelectorType;
  /** In place of selectorExpression: the name of a filter that the broker's host registered, `@MessageFilter` or other. */
  @Optional() @Text() filterClass?: string;
  /** CLUSTERING: each message to one member of the group; BROADCASTING: to every one. Default CLUSTERING. */
  @Optional() @OneOf('CLUSTERING', 'BROADCASTING') messageModel?: MessageModel;
  /** ORDERLY: the messages of a queue one after the other. Default CONCURRENTLY. */
  @Optional() @OneOf('CONCURRENTLY', 'ORDERLY') consumeMode?: ConsumeMode;
  /**
   * The handler takes a list of up to so many messages of one queue, as `RocketMQMessage[]`, and may return a list of
   * outcomes, one for each. Default: one message at a time, and no list.
   */
  @Optional() @Whole(1, 1024) batch?: number;
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
   * What the payload is turned into: String, Buffer, Object or a class (both from JSON). Default: the type of the
   * handler's payload parameter where TypeScript tells it; else JSON objects and arrays are parsed, other bodies are text.
   */
  @Optional() @Type() payloadType?: PayloadType;
  /** What becomes of a message by the error its handler threw; the first rule that fits counts. Default: it comes again. */
  @Optional() @ErrorRules() onError?: readonly ErrorRule[];
  /**
   * What becomes of a message that does not reach the handler: it cannot be read, a guard or a pipe refuses it. Default
   * 'retry': it comes again, and goes to the dead-letter topic when it came too often.
   */
  @Optional() @PoisonOutcome() onPoison?: RocketMQOutcome;
  /** Leaves messages out that were handled before. */
  @Optional() @Idempotent() idempotency?: IdempotencyOptions;
  /** false: neither guards nor interceptors nor filters, global ones included; pipes stay. Default true. */
  @Optional() @Flag() enhancers?: boolean;
  /** How the members of the group share queues; the same at all of them. Default AVG. */
  @Optional()
  @OneOf('AVG', 'AVG_BY_CIRCLE', 'CONSISTENT_HASH')
  allocateMessageQueueStrategy?: AllocateStrategyName;
  /** Tells the trace topic of every message what became of it. Default false. */
  @Optional() @Flag() enableMsgTrace?: boolean;
  /** Default RMQ_SYS_TRACE_TOPIC. */
  @Optional() @Topic() customizedTraceTopic?: string;
  /** false: the group begins when RocketMQListeners.start(group) is called. Default true. */
  @Optional() @Flag() autoStart?: boolean;
  /** false: this listener is left out. Default true. */
  @Optional() @Flag() enabled?: boolean;
}

/** Options of `@RocketMQMessageListener` and `@RocketMQReplyListener`. */
export class RocketMQListenerOptions extends ConsumingOptions {
  @Topic() topic!: string;
}

/** Options of `@RocketMQDlqListener`. */
export class RocketMQDlqListenerOptions extends ConsumingOptions {
  /** The group whose dead letters these are: topic `%DLQ%<group>`. Where it begins by default: CONSUME_FROM_FIRST_OFFSET. */
  @ConsumerGroup() deadGroup!: string;
}
