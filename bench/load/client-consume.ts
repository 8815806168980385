/*
 * Takes a whole backlog through a client as applications have it, with a handler that does nothing but count. Argument: one
 * JSON text, see ClientConsumeConfig. Prints "measure", "end" and a LoadResult. Ends with 1 when a message is wrong or
 * comes twice, or none comes for half a minute.
 */
import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { createClient, type ConsumeMode, type ReceivedMessage } from '../../libs/client/src/index.js';
import { RocketMQContext, RocketMQMessageListener, RocketMQModule } from '../../src/index.js';
import { Tally } from './lane.js';
import { configuration, fail, printResult, startMeasuring } from './timed-run.js';

export interface ClientConsumeConfig {
  /** `orderly`: a consumer, too. */
  readonly client: 'consumer' | 'listener' | 'orderly';
  readonly nameServer: string;
  readonly topic: string;
  /** New: its offsets stand at the first message of each queue. */
  readonly group: string;
  readonly queues: number;
  readonly bodySize: number;
  readonly total: number;
  /** Messages before the measurement. */
  readonly warmUp: number;
}

const config = configuration<ClientConsumeConfig>();
const { nameServer, topic, group, queues, bodySize, total, warmUp } = config;
const tally = new Tally();
const seen = Array.from({ length: queues }, () => new Uint8Array(total));
let stop: ReturnType<typeof startMeasuring> | undefined;
let count = 0;

/** Each of them once, whole. */
function take({ queueId, queueOffset, body }: ReceivedMessage): void {
  const ofQueue = seen[queueId] as Uint8Array;
  if (ofQueue[queueOffset] !== 0 || body.length !== bodySize) {
    fail(new Error(`wrong or twice: queue ${queueId}, offset ${queueOffset}, ${body.length} bytes`));
  }
  ofQueue[queueOffset] = 1;
  count++;
  if (count === warmUp) stop = startMeasuring(tally);
  else if (count === total) void finish();
}

const patience = 30_000;
let countBefore = -1;
setInterval(() => {
  if (count === countBefore) fail(new Error(`${count} messages of ${total}, and no more for ${patience} ms`));
  countBefore = count;
}, patience);

async function finish(): Promise<void> {
  tally.messages = total - warmUp;
  const result = stop?.();
  await close();
  printResult({ ...result, received: count });
  process.exit(0);
}

/** Gives what ends it. */
async function startConsumer(consumeMode: ConsumeMode = 'CONCURRENTLY'): Promise<() => Promise<void>> {
  const client = createClient({ nameServer });
  const consumer = client.createPushConsumer({
    consumerGroup: group,
    consumeMode,
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    handler: ([message]) => take(message as ReceivedMessage),
  });
  consumer.subscribe(topic);
  await consumer.start();
  return () => client.close();
}

async function startListener(): Promise<() => Promise<void>> {
  @Injectable()
  class Counter {
    @RocketMQMessageListener({ topic, consumerGroup: group, consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET' })
    onMessage(_payload: Buffer, context: RocketMQContext): void {
      take(context.message);
    }
  }
  @Module({ imports: [RocketMQModule.forRoot({ nameServer })], providers: [Counter] })
  class BenchModule {}
  const app = await NestFactory.createApplicationContext(BenchModule, { logger: ['error'] });
  return () => app.close();
}

const starts = { consumer: startConsumer, listener: startListener, orderly: () => startConsumer('ORDERLY') };
const close = await starts[config.client]();
