import type { ReceivedMessage } from '../../libs/client/src/index.js';
import type { PayloadDecoder } from '../listener/payload-decoding.js';

/** What becomes of a delivery is the receiver's to know. */
interface Receipt {
  ack(): Promise<void>;
  release(): void;
}

/** A message that `RocketMQTemplate.receive` returned, with its payload, and the word that it is done. */
export class RocketMQDelivery<T = unknown> {
  /** As received: body bytes, tags, keys, properties, queue, offsets. */
  readonly message: ReceivedMessage;
  /** Why the payload cannot be read; undefined when it can. Such a message is acked like any other, to get past it. */
  readonly error: unknown;
  readonly #payload: unknown;
  readonly #receipt: Receipt;

  /** @internal */
  constructor(message: ReceivedMessage, decode: PayloadDecoder, receipt: Receipt) {
    this.message = message;
    this.#receipt = receipt;
    try {
      this.#payload = decode(message);
    } catch (error) {
      this.error = error;
    }
  }

  /** @throws RocketMQError PROTOCOL_VIOLATION, the delivery's `error`, when it cannot be read. */
  get payload(): T {
    if (this.error !== undefined) throw this.error;
    return this.#payload as T;
  }

  /**
   * The message is done. Resolves when the broker was told (one that does not answer is told again every
   * persistConsumerOffsetInterval), or at once when an older message of its queue is not acked yet: a queue has one
   * offset, which cannot pass that. Neither acked nor released, it comes again when the application starts again, or when
   * another member of the group gets the queue.
   */
  ack(): Promise<void> {
    return this.#receipt.ack();
  }

  /** Not done, and to be received again: the next call of `receive` returns it. This delivery's `ack()` counts no more. */
  release(): void {
    this.#receipt.release();
  }
}
