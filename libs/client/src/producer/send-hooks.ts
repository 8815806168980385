import { messageOf } from '../../../common/src/index.js';
import { MessageSysFlag } from '../../../protocol/src/message/index.js';
import type { ClientCore } from '../client-core.js';
import type { MessageQueue, SendHook, SendHookCall, SendResult } from '../contract/index.js';
import { ThrottledLog } from '../throttled-log.js';
import type { EncodedMessage } from './message-encoder.js';

/** An attempt that hooks were told of. */
export interface HookedAttempt {
  readonly call: SendHookCall;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
}

/** Calls what applications, and traces, put around sends. A hook that throws is logged, and changes nothing. */
export class SendHooks {
  readonly #log: ThrottledLog;

  constructor(
    private readonly core: Pick<ClientCore, 'clock' | 'log' | 'settings'>,
    private readonly producerGroup: string,
    private readonly hooks: readonly SendHook[],
  ) {
    this.#log = new ThrottledLog(core.clock, core.log);
  }

  before(
    { message, batch, msgId, sysFlag }: EncodedMessage,
    queue: MessageQueue,
    brokerAddress: string,
  ): HookedAttempt {
    const { clock, settings } = this.core;
    const { producerGroup } = this;
    const messageQueue = settings.namespace.unwrapQueue(queue);
    const isHalf = (sysFlag & MessageSysFlag.TRANSACTION_MASK) === MessageSysFlag.TRANSACTION_PREPARED;
    const call = { producerGroup, message, isBatch: batch, isHalf, msgId, messageQueue, brokerAddress };
    this.#each((hook) => hook.before?.(call));
    return { call, startedAt: clock.monotonic() };
  }

  after({ call, startedAt }: HookedAttempt, result: SendResult | undefined, error: unknown): void {
    const duration = this.core.clock.monotonic() - startedAt;
    this.#each((hook) => hook.after?.({ ...call, result, error, duration }));
  }

  #each(run: (hook: SendHook) => void): void {
    for (const hook of this.hooks) {
      try {
        run(hook);
      } catch (error) {
        this.#log.warn('a send hook threw', () => ({ group: this.producerGroup, error: messageOf(error) }));
      }
    }
  }
}
