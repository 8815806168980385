import 'reflect-metadata';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { createClient } from '../../libs/client/src/index.js';
import { RocketMQModule, RocketMQTemplate } from '../../src/index.js';

/** A client as an application uses it, sending one message again and again. */
export interface SendingClient {
  send(): Promise<{ readonly sendStatus: string }>;
  close(): Promise<void>;
}

export interface SendingClientConfig {
  readonly nameServer: string;
  readonly topic: string;
  readonly bodySize: number;
  /** Where ali-ons is installed. */
  readonly aliOns?: string;
}

const tag = 'TagA';
const group = 'bench_clients';
const body = ({ bodySize }: SendingClientConfig): Buffer => Buffer.alloc(bodySize, 'x');

/** RocketMQTemplate in a Nest application. */
async function openTemplate(config: SendingClientConfig): Promise<SendingClient> {
  @Module({ imports: [RocketMQModule.forRoot({ nameServer: config.nameServer })] })
  class BenchModule {}
  const app = await NestFactory.createApplicationContext(BenchModule, { logger: ['error'] });
  const template = app.get(RocketMQTemplate);
  const payload: unknown = body(config);
  const destination = `${config.topic}:${tag}`;
  return {
    send: () => template.send(destination, payload),
    close: () => app.close(),
  };
}

/** The producer under the template. */
async function openProducer(config: SendingClientConfig): Promise<SendingClient> {
  const client = createClient({ nameServer: config.nameServer });
  const producer = client.createProducer({ producerGroup: group });
  await producer.start();
  const message = { topic: config.topic, tags: tag, body: body(config) };
  return {
    send: () => producer.send(message),
    close: () => client.close(),
  };
}

/** The part of ali-ons that is used here. */
interface AliOns {
  readonly Producer: new (options: object) => {
    ready(): Promise<void>;
    send(message: object): Promise<{ readonly sendStatus: string }>;
    close(): Promise<void>;
  };
  readonly Message: new (topic: string, tag: string, body: Buffer) => object;
}

async function openAliOns(config: SendingClientConfig): Promise<SendingClient> {
  const { Producer, Message } = createRequire(join(config.aliOns ?? '', 'package.json'))('ali-ons') as AliOns;
  const quiet = (): void => undefined;
  // It asks for a way to its maker's address service, which a name server makes needless.
  const httpclient = { request: () => Promise.reject(new Error('there is no address service')) };
  const logger = { info: quiet, warn: quiet, debug: quiet, error: (...args: unknown[]) => process.stderr.write(`${args.join(' ')}\n`) }; // prettier-ignore
  const producer = new Producer({ nameSrv: config.nameServer, producerGroup: group, httpclient, logger });
  await producer.ready();
  const payload = body(config);
  return {
    // It writes into its message: each send has one of its own, as in an application.
    send: () => producer.send(new Message(config.topic, tag, payload)),
    close: () => producer.close(),
  };
}

export const sendingClients = { template: openTemplate, producer: openProducer, 'ali-ons': openAliOns } as const;
