import type { ArgumentsHost } from '@nestjs/common';
import type { ConsumeContext, ReceivedMessage } from '../../libs/client/src/index.js';
import { MessageProperty } from '../../libs/protocol/src/message/index.js';
import { ack, type MessageOutcome, retryAfter, toDlq } from './outcome.js';

/** The context type of `ExecutionContext.getType()` while a listener runs. */
export const rocketMQContextType = 'rocketmq';

/** What kept a message from its handler: the body could not be read, or a guard or a pipe refused. */
export type RefusedBy = 'payload' | 'guard' | 'pipe';

/** Where 5.x and all versions keep the topic of a message that went to a retry or dead-letter topic. */
const originProperties = [MessageProperty.DLQ_ORIGIN_TOPIC, MessageProperty.RETRY_TOPIC];

/**
 * What a listener, and a guard, interceptor or filter around it, can know about the message at hand, and say about what
 * becomes of it: the outcome may be returned, or just asked for here.
 */
export class RocketMQContext {
  /** The message; of a batch the first one. */
  readonly message: ReceivedMessage;
  readonly consumerGroup: string;
  readonly #call: ConsumeContext;
  readonly #messages: readonly ReceivedMessage[] | undefined;
  #outcome: MessageOutcome | undefined;
  #refusedBy: RefusedBy | undefined;

  constructor(
    message: ReceivedMessage,
    consumerGroup: string,
    call: ConsumeContext,
    messages?: readonly ReceivedMessage[],
  ) {
    this.message = message;
    this.consumerGroup = consumerGroup;
    this.#call = call;
    this.#messages = messages;
  }

  /** All messages of the call; one unless the listener has `batch`. */
  get messages(): readonly ReceivedMessage[] {
    return this.#messages ?? [this.message];
  }

  /** True for a listener with `batch`, however many messages there are. */
  get isBatch(): boolean {
    return this.#messages !== undefined;
  }

  /** Fires when the consumer is closing, has lost the queue, or waits no longer for the handler (`consumeTimeout`). */
  get signal(): AbortSignal {
    return this.#call.signal;
  }

  /** Consumed: what a listener that returns nothing means anyway. */
  ack(): MessageOutcome {
    return (this.#outcome = ack());
  }

  /** The message comes again: see the function `retryAfter`. Counts whether it is returned or not, and when the handler throws. */
  retryAfter(delay?: number | string): MessageOutcome {
    return (this.#outcome = retryAfter(delay));
  }

  /** The message goes to the dead-letter topic. Counts whether it is returned or not, and when the handler throws. */
  toDlq(reason?: string): MessageOutcome {
    return (this.#outcome = toDlq(reason));
  }

  /** What was asked for last; undefined when nothing was. */
  get outcome(): MessageOutcome | undefined {
    return this.#outcome;
  }

  /** Why the handler was not called: for filters, who otherwise cannot tell. Undefined when it was. */
  get refusedBy(): RefusedBy | undefined {
    return this.#refusedBy;
  }

  /** @internal */
  refuse(by: RefusedBy): void {
    this.#refusedBy = by;
  }

  /** Where it was sent, also when it comes again; of a dead letter the dead-letter topic. */
  get topic(): string {
    return this.message.topic;
  }

  /** The topic a dead letter was sent to before it died; of other messages their topic. */
  get originTopic(): string {
    const { properties, topic } = this.message;
    return originProperties.map((name) => properties.get(name)).find((found) => found !== undefined) ?? topic;
  }

  /** Its tag. */
  get tags(): string | undefined {
    return this.message.tags;
  }

  /** Its keys. */
  get keys(): readonly string[] {
    return this.message.keys;
  }

  /** Its unique id, which stays the same when it comes again. */
  get msgId(): string {
    return this.message.msgId;
  }

  /** How often the broker delivered it before. */
  get reconsumeTimes(): number {
    return this.message.reconsumeTimes;
  }

  /** A user or system property. */
  property(name: string): string | undefined {
    return this.message.properties.get(name);
  }
}

/**
 * True while a listener of this package runs: lets a global guard, interceptor or filter written for HTTP step aside.
 * `host.getArgByIndex(0)` is then the payload, `(1)` the {@link RocketMQContext}; `switchToRpc()` gives the same two.
 */
export function isRocketMQContext(host: ArgumentsHost): boolean {
  return host.getType<string>() === rocketMQContextType;
}

/** The context of a guard, interceptor or filter; undefined when it runs for something else than a listener, or a pattern of RocketMQServer. */
export function getRocketMQContext(host: ArgumentsHost): RocketMQContext | undefined {
  const context: unknown = host.getArgByIndex(1);
  return context instanceof RocketMQContext ? context : undefined;
}
