/**
 * Names this transport where an application has several: `@EventPattern('orders', rocketMQTransport, { consumerGroup })`.
 * Patterns that name no transport are everybody's.
 */
export const rocketMQTransport: unique symbol = Symbol.for('nestjs-rocketmq');
