import { nearest } from '../../libs/common/src/index.js';
import { RocketMQOptionsError } from '../options/validate.js';
import type { CommonSendOptions } from './send-options.js';

/** What one message of a batch can be told by itself. */
export type BatchItemOptions = Pick<CommonSendOptions, 'tag' | 'keys' | 'properties' | 'flag' | 'codec'>;

const known: readonly string[] = ['tag', 'keys', 'properties', 'flag', 'codec'] satisfies (keyof BatchItemOptions)[];

/**
 * A payload of a batch with options of its own, in place of those of the send.
 *
 * @example
 * ```ts
 * await template.send('orders:placed', orders.map((order) => new BatchItem(order, { keys: order.id })));
 * ```
 */
export class BatchItem<T = unknown> {
  /** @throws RocketMQOptionsError naming an option that a single message of a batch cannot have. */
  constructor(
    readonly payload: T,
    readonly options: BatchItemOptions = {},
  ) {
    for (const name of Object.keys(options)) {
      if (known.includes(name)) continue;
      const near = nearest(name, known);
      const advice = near ? `; did you mean ${near}?` : `; known: ${known.join(', ')}. Others belong to the send`;
      throw new RocketMQOptionsError(`BatchItem: options.${name} is unknown${advice}`);
    }
  }
}
