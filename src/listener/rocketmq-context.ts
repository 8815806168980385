import type { ArgumentsHost } from '@nestjs/common';
import type { ConsumeContext, ReceivedMessage } from '../../libs/client/src/index.js';

/** The context type of `ExecutionContext.getType()` while a listener runs. */
export const rocketMQContextType = 'rocketmq';

/**
 * What a listener, and a guard, interceptor or filter around it, can know about the message at hand.
 */
export class RocketMQContext {
  readonly message: ReceivedMessage;
  readonly consumerGroup: string;
  readonly #call: ConsumeContext;

  constructor(message: ReceivedMessage, consumerGroup: string, call: ConsumeContext) {
    this.message = message;
    this.consumerGroup = consumerGroup;
    this.#call = call;
  }

  /** Fires when the consumer is closing, has lost the queue, or waits no longer for the handler (`consumeTimeout`). */
  get signal(): AbortSignal {
    return this.#call.signal;
  }

  /** Should the handler fail, the message comes again after this delay level (1-18), not after the broker's choice. */
  retryAfter(level: number): void {
    this.#call.delayLevelWhenNextConsume = level;
  }

  /** Should the handler fail, the message goes to the dead-letter topic at once. */
  toDeadLetter(): void {
    this.#call.delayLevelWhenNextConsume = -1;
  }

  get topic(): string {
    return this.message.topic;
  }

  get tags(): string | undefined {
    return this.message.tags;
  }

  get keys(): readonly string[] {
    return this.message.keys;
  }

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

/** The context of a guard, interceptor or filter; undefined when it runs for something else than a listener. */
export function getRocketMQContext(host: ArgumentsHost): RocketMQContext | undefined {
  return isRocketMQContext(host) ? host.getArgByIndex<RocketMQContext>(1) : undefined;
}
