import type { CommonSendOptions, RequestOptions, RocketMQSendOptions } from '../template/send-options.js';

/** What a message of RocketMQClient can be told besides pattern and payload; of requests `replyType`, of events `requireStoreOk`. */
export type RocketMQRecordOptions = Omit<CommonSendOptions, 'tag'> &
  Pick<RequestOptions, 'timeout' | 'replyType'> &
  Pick<RocketMQSendOptions, 'requireStoreOk'>;

/**
 * A payload with options of its own.
 *
 * @example
 * ```ts
 * client.emit('orders:paid', new RocketMQRecord(order, { keys: order.id, hashKey: order.customer }));
 * ```
 */
export class RocketMQRecord<T = unknown> {
  constructor(
    readonly payload: T,
    readonly options: RocketMQRecordOptions = {},
  ) {}
}
