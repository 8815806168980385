import { messageOf } from '../../../common/src/index.js';
import type { ClientCore } from '../client-core.js';
import type { ConsumeHook, ConsumeOutcome } from '../contract/index.js';
import { ThrottledLog } from '../throttled-log.js';
import type { HandlerCall } from './handler-call.js';

/** What a handler threw; undefined when it ended well. */
export type Outcome = { readonly error: unknown } | undefined;

/** Calls what applications put around their handlers. A hook that throws is logged, and changes nothing. */
export class ConsumeHooks {
  readonly #log: ThrottledLog;

  constructor(
    core: ClientCore,
    private readonly consumerGroup: string,
    private readonly hooks: readonly ConsumeHook[],
  ) {
    this.#log = new ThrottledLog(core.clock, core.log);
  }

  before({ messages, messageQueue }: HandlerCall): void {
    const { consumerGroup } = this;
    this.#each((hook) => hook.before?.({ consumerGroup, messageQueue, messages }));
  }

  after(
    { messages, messageQueue, abandoned }: HandlerCall,
    consumed: number,
    duration: number,
    failure: Outcome,
  ): void {
    const { consumerGroup } = this;
    const outcome: ConsumeOutcome = abandoned ? 'TIME_OUT' : failure === undefined ? 'SUCCESS' : 'EXCEPTION';
    const error = failure?.error;
    this.#each((hook) => hook.after?.({ consumerGroup, messageQueue, messages, outcome, consumed, duration, error }));
  }

  #each(run: (hook: ConsumeHook) => void): void {
    for (const hook of this.hooks) {
      try {
        run(hook);
      } catch (error) {
        this.#log.warn('a consume hook threw', () => ({ group: this.consumerGroup, error: messageOf(error) }));
      }
    }
  }
}
