import { describeQueue } from '../message-queue.js';
import type { HandlerCall } from './handler-call.js';
import type { HeldQueue } from './held-queue.js';

/** Handlers that have not ended yet, the longest running first. */
export class ActiveHandlers {
  readonly #calls = new Set<HandlerCall>();
  #abandoned = 0;

  /** Those that nobody waits for any more. */
  get abandoned(): number {
    return this.#abandoned;
  }

  add(call: HandlerCall): void {
    this.#calls.add(call);
  }

  delete(call: HandlerCall): void {
    if (this.#calls.delete(call) && call.abandoned) this.#abandoned--;
  }

  /** The call's outcome is of no interest any more; it is still active. */
  abandon(call: HandlerCall): void {
    call.abandoned = true;
    this.#abandoned++;
  }

  /** Those with messages of one queue, or all. */
  interrupt(reason: Error, held?: HeldQueue): void {
    for (const call of this.#calls) if (held === undefined || call.held === held) call.interrupt(reason);
  }

  /** Those that have been running since before `instant` and of whom that was not said yet. */
  newlyOverdue(instant: number): HandlerCall[] {
    const found: HandlerCall[] = [];
    for (const call of this.#calls) {
      if (call.startedAt > instant) break;
      if (!call.overdue) found.push(call);
    }
    return found;
  }

  /** One line per handler: what a stack trace would be read for. */
  describe(now: number): string {
    if (this.#calls.size === 0) return 'no handler is running\n';
    const lines = [...this.#calls].map((call) => {
      const state = call.abandoned ? 'abandoned' : call.overdue ? 'overdue' : 'running';
      const [first] = call.messages;
      const seconds = ((now - call.startedAt) / 1000).toFixed(1);
      const what = `${describeQueue(call.held.queue)}, offset ${first?.queueOffset}, ${call.messages.length} message(s), msgId ${first?.msgId}`;
      return `handler ${state} for ${seconds} s: ${what}`;
    });
    return `${lines.join('\n')}\n`;
  }
}
