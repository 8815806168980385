import type { ConsumeFromWhere } from '../../libs/client/src/index.js';
import type { PayloadType, SelectorType } from '../listener/listener-options.js';
import { ConsumerGroup, OneOf, Optional, Signal, Text, Type, Whole } from '../options/checks.js';

/** Options of `RocketMQTemplate.receive`. */
export class ReceiveOptions {
  /** The consumer group whose offsets the acks move. One topic and one selector a group; a listener's group is taken. */
  @ConsumerGroup() group!: string;
  /** Most messages to return. Default 32. */
  @Optional() @Whole(1, 1024) max?: number;
  /** How long to wait for the first, milliseconds. Default 5000. */
  @Optional() @Whole(0, 86_400_000, 'ms') timeout?: number;
  /** Gives up waiting. Messages that come nevertheless are returned by the next call. */
  @Optional() @Signal() signal?: AbortSignal;
  /** Tags: 'placed || changed'. Default '*', all of them. With selectorType SQL92 a condition: "amount > 100". */
  @Optional() @Text() selectorExpression?: string;
  /** What selectorExpression is. Default TAG. */
  @Optional() @OneOf('TAG', 'SQL92') selectorType?: SelectorType;
  /** Where the group begins when it has no offsets. Default CONSUME_FROM_LAST_OFFSET. */
  @Optional()
  @OneOf('CONSUME_FROM_LAST_OFFSET', 'CONSUME_FROM_FIRST_OFFSET')
  consumeFromWhere?: Exclude<ConsumeFromWhere, 'CONSUME_FROM_TIMESTAMP'>;
  /** What payloads are turned into: String, Buffer or a class. Default: JSON objects and arrays are parsed, others are text. */
  @Optional() @Type() payloadType?: PayloadType;
}
