import { Injectable, Module } from '@nestjs/common';
import { RocketMQReplyListener, RocketMQTemplate } from 'nestjs-rocketmq';
import { RocketMQTestingModule } from 'nestjs-rocketmq/testing';
import type { Check } from './report.js';
import { running } from './running.js';

@Injectable()
class Pricing {
  @RocketMQReplyListener({ topic: 'prices', consumerGroup: 'pricing' })
  price({ amount }: { amount: number }): { total: number } {
    return { total: amount * 5 };
  }
}

@Module({ imports: [RocketMQTestingModule.forRoot()], providers: [Pricing] })
class RepliesModule {}

/** A request and its reply. */
export async function tryReplies(check: Check): Promise<void> {
  await running(RepliesModule, async (app) => {
    const template = app.get(RocketMQTemplate);
    const reply = await template.sendAndReceive('prices', { amount: 3 }, { timeout: 30_000 });
    check('a reply listener answers', reply, { total: 15 });
  });
}
