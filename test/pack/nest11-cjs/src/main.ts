import 'reflect-metadata';
import {
  Catch,
  type ExceptionFilter,
  type INestApplicationContext,
  Injectable,
  Module,
  type OnApplicationBootstrap,
  UseFilters,
  ValidationPipe,
} from '@nestjs/common';
import { APP_PIPE, NestFactory } from '@nestjs/core';
import { IsInt, IsString } from 'class-validator';
import { once, EventEmitter } from 'node:events';
import {
  BrokerModule,
  HostedBroker,
  HostedNameServer,
  InjectRocketMQTemplate,
  NameServerModule,
  RocketMQContext,
  type RocketMQListener,
  RocketMQListeners,
  RocketMQMessageListener,
  RocketMQModule,
  type RocketMQModuleOptions,
  RocketMQPayload,
  RocketMQTemplate,
} from 'nestjs-rocketmq';
import { createPushConsumer } from 'nestjs-rocketmq/client';

const arrived = new EventEmitter();

class Payment {
  @IsString() order!: string;
  @IsInt() cents!: number;
}

@Injectable()
@RocketMQMessageListener({ topic: 'orders', consumerGroup: 'class-listener', selectorExpression: 'placed' })
class Billing implements RocketMQListener<{ id: string }> {
  onMessage(order: { id: string }, context: RocketMQContext): void {
    arrived.emit('order', order.id, context.tags);
  }
}

@Injectable()
class Duties {
  @RocketMQMessageListener({ topic: 'payments', consumerGroup: 'method-listener' })
  book(@RocketMQPayload() payment: Payment): void {
    arrived.emit('payment', payment instanceof Payment, payment.cents);
  }
}

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

@Injectable()
@UseFilters(Filter)
class Fragile {
  @RocketMQMessageListener({ topic: 'fragile', consumerGroup: 'fragile', maxReconsumeTimes: 0 })
  fail(index: string): void {
    arrived.emit('fragile');
    throw new Error(index);
  }
}

/** Nest's two releases call the hooks of the application in an order of their own. */
@Injectable()
class WarmUp implements OnApplicationBootstrap {
  foundRunning: boolean | undefined;

  constructor(private readonly listeners: RocketMQListeners) {}

  onApplicationBootstrap(): void {
    this.foundRunning = this.listeners.states.some(({ running }) => running);
  }
}

interface SecondOptions extends RocketMQModuleOptions {
  topics: { notes: string };
}

@Injectable()
class Notes {
  constructor(@InjectRocketMQTemplate('second') readonly second: RocketMQTemplate) {}

  @RocketMQMessageListener({
    topic: (options: SecondOptions) => options.topics.notes,
    consumerGroup: 'note-readers',
    connection: 'second',
  })
  read(text: string): void {
    arrived.emit('note', text);
  }
}

@Module({
  imports: [
    NameServerModule.forRoot({ listenPort: 0 }),
    BrokerModule.forRootAsync({ useFactory: () => ({ listenPort: 0, storePathRootDir: 'store' }) }),
    RocketMQModule.forRoot({}),
    RocketMQModule.forRootAsync({
      name: 'second',
      ownKeys: ['topics'],
      useFactory: (): SecondOptions => ({ topics: { notes: 'second-notes' } }),
    }),
    RocketMQModule.forFeature({
      connection: 'second',
      groups: { 'note-readers': { concurrency: 3 } },
      topics: [{ name: 'second-notes', queues: 2 }],
    }),
  ],
  providers: [
    Billing,
    Duties,
    Fragile,
    WarmUp,
    Notes,
    { provide: APP_PIPE, useFactory: () => new ValidationPipe({ transform: true }) },
  ],
})
class AppModule {}

let failed = false;

function check(name: string, holds: boolean): void {
  console.log(`${holds ? 'ok' : 'not ok'} - ${name}`);
  failed ||= !holds;
}

function figuresOf(app: INestApplicationContext): { acked: number; retried: number } {
  const state = app.get(RocketMQListeners).states.find(({ topic }) => topic === 'fragile');
  if (state === undefined) throw new Error('no listener');
  return state.figures;
}

async function run(): Promise<void> {
  const signal = AbortSignal.timeout(30_000);
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['warn', 'error'], abortOnError: false });
  try {
    const nameServer = app.get(HostedNameServer);
    check('hosted servers listen', nameServer.port > 0 && app.get(HostedBroker).unavailable === undefined);
    check('listeners wait for the bootstrap', app.get(WarmUp).foundRunning === false);
    const template = app.get(RocketMQTemplate);
    const order = once(arrived, 'order', { signal });
    const payment = once(arrived, 'payment', { signal });
    const result = await template.send('orders:placed', { id: 'o-1' }, { keys: 'o-1' });
    check('template sends', result.sendStatus === 'SEND_OK');
    check('class listener receives', (await order).join() === 'o-1,placed');
    await template.send('payments', { order: 'o-1', cents: 250 });
    check('method listener receives its DTO', (await payment).join() === 'true,250');
    const note = once(arrived, 'note', { signal });
    await app.get(Notes).second.send('second-notes', 'hello');
    const explained = app.get(RocketMQListeners).explain();
    check(
      'a named connection, its template, its listener with options from a factory and its feature',
      (await note).join() === 'hello' &&
        explained.includes('concurrency = 3, says RocketMQModule.forFeature in AppModule'),
    );
    for (const index of [...filtered.keys(), 'ack']) {
      const failing = once(arrived, 'fragile', { signal });
      await template.send('fragile', String(index));
      await failing;
    }
    while (figuresOf(app).acked + figuresOf(app).retried <= filtered.length) await new Promise(setImmediate);
    check(
      'an error that a filter took stays a failure, unless it returns an outcome',
      figuresOf(app).retried === filtered.length && figuresOf(app).acked === 1,
    );
    const imported = await (new Function("return import('nestjs-rocketmq/client')")() as Promise<object>);
    check(
      'import and require load one copy',
      'createPushConsumer' in imported && imported.createPushConsumer === createPushConsumer,
    );
  } finally {
    await app.close();
  }
}

run().then(
  () => (process.exitCode = failed ? 1 : 0),
  (error: unknown) => {
    console.log('not ok - runs to its end');
    console.error(error);
    process.exit(1);
  },
);
