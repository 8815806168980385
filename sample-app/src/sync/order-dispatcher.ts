import { Inject, Injectable } from '@nestjs/common';
import { type RocketMQListener, RocketMQContext, RocketMQMessageListener } from 'nestjs-rocketmq';
import { Activity } from '../activity/activity.js';
import { OrderChange, orderTopic } from '../orders/order-change.js';
import { type Duty, DUTIES } from './duty.js';

/**
 * The one listener: hands each message to every duty. A duty that is done is not asked again when the message returns
 * because another one failed.
 */
@Injectable()
@RocketMQMessageListener({
  topic: orderTopic,
  consumerGroup: 'shop-sync',
  payloadType: OrderChange,
  // A group that is new begins at the end of a topic, and would miss what was ordered before it came.
  consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
})
export class OrderDispatcher implements RocketMQListener<OrderChange> {
  constructor(
    @Inject(DUTIES) private readonly duties: readonly Duty[],
    private readonly activity: Activity,
  ) {}

  async onMessage(change: OrderChange, context: RocketMQContext): Promise<void> {
    for (const duty of this.duties) {
      if (this.activity.isDone(duty.name, change)) continue;
      await duty.handle(change);
      this.activity.record(duty.name, change, context.msgId);
    }
  }
}
