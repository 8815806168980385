import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { RocketMQTemplate } from 'nestjs-rocketmq';
import { type OrderChange, orderChanged, orderTopic } from '../orders/order-change.js';

/** The one place where application events become messages. */
@Injectable()
export class OrderPublisher {
  constructor(private readonly rocketmq: RocketMQTemplate) {}

  /** The tag tells the kind, so that others may subscribe to some only; one order's changes share a queue. */
  @OnEvent(orderChanged, { suppressErrors: false })
  async publish(change: OrderChange): Promise<void> {
    await this.rocketmq.syncSendOrderly(`${orderTopic}:${change.kind}`, change, change.orderId, {
      keys: change.orderId,
    });
  }
}
