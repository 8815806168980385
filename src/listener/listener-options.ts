import { ConsumerGroup, ConnectionName, Flag, OneOf, Optional, Text, Topic, Type, Whole } from '../options/checks.js';
import { ConsumerOptions } from '../options/consumer-options.js';
import { type ErrorRule, ErrorRules, PoisonOutcome } from './error-policy.js';
import { Idempotent, type IdempotencyOptions } from './idempotency.js';
import type { RocketMQOutcome } from './outcome.js';

/** Languages of a selectorExpression. */
export type SelectorType = 'TAG' | 'SQL92';

/** A constructor that names what a payload is turned into. */
export type PayloadType = abstract new (...args: never[]) => unknown;

/** Options that a group can have for all its listeners: `groups` of `RocketMQModule.forFeature`. */
export class GroupOptions extends ConsumerOptions {
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
  /** false: the group begins when RocketMQListeners.start(group) is called. Default true. */
  @Optional() @Flag() autoStart?: boolean;
  /** false: the listeners are left out. Default true. */
  @Optional() @Flag() enabled?: boolean;
}

/** Options that belong to one listener. */
export class HandlerOptions extends GroupOptions {
  /** Tags: 'placed || changed'. Default '*', all of them. With selectorType SQL92 a condition: "amount > 100". */
  @Optional() @Text() selectorExpression?: string;
  /** What selectorExpression is. Default TAG. */
  @Optional() @OneOf('TAG', 'SQL92') selectorType?: SelectorType;
  /** In place of selectorExpression: the name of a filter that the broker's host registered, `@MessageFilter` or other. */
  @Optional() @Text() filterClass?: string;
  /**
   * The handler takes a list of up to so many messages of one queue, as `RocketMQMessage[]`, and may return a list of
   * outcomes, one for each. Default: one message at a time, and no list.
   */
  @Optional() @Whole(1, 1024) batch?: number;
  /**
   * What the payload is turned into: String, Buffer, Object or a class (both from JSON). Default: the type of the
   * handler's payload parameter where TypeScript tells it; else JSON objects and arrays are parsed, other bodies are text.
   */
  @Optional() @Type() payloadType?: PayloadType;
}

/** Options of every kind of listener but its topic. What is left out comes from its group, then from its connection. */
export class ConsumingOptions extends HandlerOptions {
  /** The `name` of the `RocketMQModule.forRoot` whose cluster this is. Default: the one without a name. */
  @Optional() @ConnectionName() connection?: string;
  /** What `listeners` of `RocketMQModule.forFeature` calls this one. Default: its place, 'Billing.onMessage'. */
  @Optional() @Text() name?: string;
  /** Listeners of one group share a consumer; each message goes to one of them. */
  @ConsumerGroup() consumerGroup!: string;
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

/** What `listeners` of `RocketMQModule.forFeature` says for a listener whose decorator leaves it out. */
export class ListenerDefaults extends HandlerOptions {
  /** The group whose consumer the listener shares. */
  @Optional() @ConsumerGroup() consumerGroup?: string;
  /** Not of a `@RocketMQDlqListener`, whose topic follows from `deadGroup`. */
  @Optional() @Topic() topic?: string;
  /** Of a `@RocketMQDlqListener`. */
  @Optional() @ConsumerGroup() deadGroup?: string;
}
