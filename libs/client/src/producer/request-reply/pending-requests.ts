import { RocketMQError } from '../../../../common/src/index.js';
import type { ReceivedMessage } from '../../contract/index.js';

/** Requests under way at once, over all producers of a client. */
const mostRequests = 100_000;

/** Who waits for a reply, by correlation id. One table a client: a reply comes on a connection, not to a producer. */
export class PendingRequests {
  readonly #waiting = new Map<string, (reply: ReceivedMessage) => void>();

  get size(): number {
    return this.#waiting.size;
  }

  /** @throws RocketMQError TOO_MANY_REQUESTS */
  expect(correlationId: string, onReply: (reply: ReceivedMessage) => void): void {
    if (this.#waiting.size >= mostRequests) {
      throw new RocketMQError('TOO_MANY_REQUESTS', `${mostRequests} requests wait for their replies already`);
    }
    this.#waiting.set(correlationId, onReply);
  }

  forget(correlationId: string): void {
    this.#waiting.delete(correlationId);
  }

  /** False when nobody waits for it, or not any more. */
  arrived(correlationId: string | undefined, reply: ReceivedMessage): boolean {
    const onReply = correlationId === undefined ? undefined : this.#waiting.get(correlationId);
    if (correlationId === undefined || onReply === undefined) return false;
    this.#waiting.delete(correlationId);
    onReply(reply);
    return true;
  }
}
