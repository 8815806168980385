import {
  Catch,
  type ExceptionFilter,
  type INestApplicationContext,
  Injectable,
  Module,
  UseFilters,
} from '@nestjs/common';
import {
  type ListenerFigures,
  RocketMQContext,
  RocketMQDlqListener,
  RocketMQListeners,
  RocketMQMessageListener,
  RocketMQTemplate,
  toDlq,
} from 'nestjs-rocketmq';
import { RocketMQTesting, RocketMQTestingModule } from 'nestjs-rocketmq/testing';
import { Arrivals } from './arrivals.js';
import type { Check } from './report.js';
import { running } from './running.js';

/** What filters return differs between Nest 11 and 12 in what it means to Nest; here it must not. */
const filtered: readonly unknown[] = [
  undefined,
  false,
  null,
  'text',
  Promise.resolve(undefined),
  Promise.resolve(false),
  Promise.resolve(null),
];

@Catch()
class Filter implements ExceptionFilter {
  catch(error: Error): unknown {
    return error.message === 'ack' ? 'ack' : filtered[Number(error.message)];
  }
}

class Odd extends Error {}

@Injectable()
class Fragile {
  readonly told = new Arrivals<string>();

  @UseFilters(Filter)
  @RocketMQMessageListener({ topic: 'filtered', consumerGroup: 'filtered', maxReconsumeTimes: 0 })
  fail(word: string): void {
    throw new Error(word);
  }

  @RocketMQMessageListener({
    topic: 'orders',
    consumerGroup: 'orders',
    onError: [{ error: Odd, outcome: toDlq('odd') }],
  })
  refuse(): void {
    throw new Odd('no');
  }

  @RocketMQMessageListener({ topic: 'later', consumerGroup: 'later' })
  postpone(text: string, context: RocketMQContext): void {
    if (context.reconsumeTimes === 0) context.retryAfter('1 s');
    else this.told.put(`${text} again`);
  }

  @RocketMQDlqListener({ deadGroup: 'orders', consumerGroup: 'undertaker' })
  bury({ id }: { id: string }, context: RocketMQContext): void {
    this.told.put(`${id} of ${context.originTopic}`);
  }
}

@Module({
  imports: [RocketMQTestingModule.forRoot({ broker: { messageDelayLevel: '1s 1s 1s 1s' } })],
  providers: [Fragile],
})
class FailuresModule {}

function figuresOf(app: INestApplicationContext, topic: string): ListenerFigures | undefined {
  return app.get(RocketMQListeners).states.find((listener) => listener.topic === topic)?.figures;
}

/** Messages that fail: filtered, by their error, later, and dead. */
export async function tryFailures(check: Check): Promise<void> {
  await running(FailuresModule, async (app) => {
    const template = app.get(RocketMQTemplate);
    const { told } = app.get(Fragile);
    await template.send('filtered', [...[...filtered.keys()].map(String), 'ack']);
    await app.get(RocketMQTesting).caughtUp('filtered');
    const { acked, retried } = figuresOf(app, 'filtered') ?? {};
    const wanted = { acked: 1, retried: filtered.length };
    check('an error that a filter took stays a failure, unless it returns an outcome', { acked, retried }, wanted);
    await template.send('later', 'later');
    check('a message that is wanted later', await told.have(1), ['later again']);
    await template.send('orders', { id: 'dead' });
    check('a dead letter, by its error', (await told.have(2))[1], 'dead of orders');
  });
}
