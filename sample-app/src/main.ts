import 'reflect-metadata';
import { type INestApplication, Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RocketMQConnection } from 'nestjs-rocketmq';
import { runDemo } from './demo/demo.js';
import { ShopModule } from './shop-module.js';

const log = new Logger('Shop');

async function startShop(storePathRootDir: string, port: number): Promise<{ app: INestApplication; url: string }> {
  const app = await NestFactory.create(ShopModule.forRoot({ storePathRootDir }), {
    abortOnError: false,
    logger: ['log', 'warn', 'error', 'fatal'],
  });
  try {
    await app.listen(port, '127.0.0.1');
  } catch (error) {
    await app.close();
    throw error;
  }
  return { app, url: await app.getUrl() };
}

async function demo(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'shop-demo-'));
  try {
    const { app, url } = await startShop(directory, Number(process.env['PORT'] ?? 0));
    try {
      const complete = await runDemo(url);
      log.log(complete ? 'Every duty has seen every change' : 'Some changes did not arrive in time');
      process.exitCode = complete ? 0 : 1;
    } finally {
      await app.close();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function serve(): Promise<void> {
  const { app, url } = await startShop('.rocketmq', Number(process.env['PORT'] ?? 3000));
  stopOnSignal(app);
  const nameServer = app.get(RocketMQConnection).nameServers.join(';');
  console.log(`
The shop is open at ${url}, its name server is ${nameServer}. A first order, and what became of it:

  curl -s ${url}/orders -H 'content-type: application/json' -d '{"customer":"Ada","items":[{"article":"apple","quantity":3}]}'
  curl -s ${url}/activity

Ctrl-C closes it; what is not handled by then is handled after the next start.
`);
}

/** The first signal stops in order, a second one at once. */
function stopOnSignal(app: INestApplication): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(1);
    stopping = true;
    log.log(`${signal}: closing`);
    // Connections that customers keep open would hold up the end: each closes after the answer it waits for.
    const server: Server = app.getHttpServer();
    server.keepAliveTimeout = 1;
    app.close().then(
      () => log.log('Closed'),
      (error: unknown) => {
        log.error(error);
        process.exitCode = 1;
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

const run = process.argv.includes('--demo') ? demo : serve;
run().catch((error: unknown) => {
  log.error(sentenceOf(error));
  process.exitCode = 1;
});

/** What a user needs; a stack would bury it. */
function sentenceOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('message' in error)) return error;
  const portIsTaken = 'syscall' in error && 'code' in error && error.code === 'EADDRINUSE';
  return portIsTaken ? `${String(error.message)}. Choose another port: PORT=3001 npm start` : error.message;
}
