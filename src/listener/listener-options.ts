import type { ConsumeFromWhere, MessageModel } from '../../libs/client/src/index.js';
import { ConsumerGroup, Flag, OneOf, Optional, Text, Timestamp, Topic, Type, Whole } from '../options/checks.js';

/** A constructor that names what a payload is turned into. */
export type PayloadType = abstract new (...args: never[]) => unknown;

/** Options of `@RocketMQMessageListener`. Apache's names and defaults; what is left out comes from the module's `consumer`. */
export class RocketMQListenerOptions {
  @Topic() topic!: string;
  /** One listener per group. */
  @ConsumerGroup() consumerGroup!: string;
  /** Tags: 'placed || changed'. Default '*', all of them. */
  @Optional() @Text() selectorExpression?: string;
  /** CLUSTERING: each message to one member of the group; BROADCASTING: to every one. Default CLUSTERING. */
  @Optional() @OneOf('CLUSTERING', 'BROADCASTING') messageModel?: MessageModel;
  /** Handlers running at once. Default 20. */
  @Optional() @Whole(1, 1000) concurrency?: number;
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
  /** Distance of the offsets held here before pulling waits. Default 2000. */
  @Optional() @Whole(1, 65535) consumeConcurrentlyMaxSpan?: number;
  /** A failed message comes again after this long, milliseconds. Default 5000. */
  @Optional() @Whole(1, undefined, 'ms') redeliveryDelay?: number;
  /** How long a stop waits for handlers under way, milliseconds. Default 10,000. */
  @Optional() @Whole(0, undefined, 'ms') awaitTerminationMillis?: number;
  /**
   * What the payload is turned into: String, Buffer, Object or a class (both from JSON). Default: the type of the
   * handler's payload parameter where TypeScript tells it; else JSON objects and arrays are parsed, other bodies are text.
   */
  @Optional() @Type() payloadType?: PayloadType;
  /** false: this listener is left out. Default true. */
  @Optional() @Flag() enabled?: boolean;
}
