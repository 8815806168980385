// One instance of a Nest application that sends and listens, as a deployment has several of. Argument: a JSON text, as
// InstanceOptions in instance.ts with a name. Prints, one JSON array a line:
//   ["started"]                            all of the application's bootstrap has ended
//   ["sent", key]                          the broker has acknowledged it
//   ["at", time, queue, offset, key]       its handler has ended
//   ["early", key]                         a handler began before the bootstrap had ended
//   ["fault", text]                        a send failed, but for the application being stopped
//   ["quiet"]                              after "quiet" on the input: sends no more
//   ["stuck", key]                         after "stick" on the input: this handler never ends
import 'reflect-metadata';
import { Inject, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const options = JSON.parse(process.argv[2]);
const { RocketMQMessageListener, RocketMQModule, RocketMQTemplate } = await import(
  pathToFileURL(join(options.modules, 'src/index.js')).href
);

/** At once: a process that ends has told everything. */
const print = (...line) => writeSync(1, `${JSON.stringify(line)}\n`);

/** What others of an application do before it is ready: a cache that is filled, a database that is asked. */
class WarmUp {
  isReady = false;

  async onApplicationBootstrap() {
    await pause(options.warmUp);
    this.isReady = true;
  }
}
Injectable()(WarmUp);

/** Sends until the application refuses to. */
class Sender {
  isQuiet = false;

  constructor(template) {
    this.template = template;
  }

  onApplicationBootstrap() {
    void this.run();
  }

  async run() {
    for (let i = 0; !this.isQuiet; i++) {
      const key = `${options.name}-${i}`;
      try {
        await this.template.send(options.topic, { i }, { keys: key });
        print('sent', key);
      } catch (error) {
        if (error.code !== 'CLOSED') print('fault', `${key}: ${error.code} ${error.message}`);
        return;
      }
      await pause(options.sendEvery);
    }
    print('quiet');
  }
}
Injectable()(Sender);
Inject(RocketMQTemplate)(Sender, undefined, 0);

class Listener {
  isToStick = false;
  #count = 0;

  constructor(warmUp) {
    this.warmUp = warmUp;
  }

  async onMessage(_payload, { message }) {
    const key = message.keys.join(' ');
    if (!this.warmUp.isReady) print('early', key);
    if (this.isToStick) {
      this.isToStick = false;
      print('stuck', key);
      await new Promise(() => undefined);
    }
    // Most take no time; some are at work whenever the instance is told to stop.
    await pause(this.#count++ % 10 === 0 ? options.slowWork : 1);
    print('at', Date.now(), message.queueId, message.queueOffset, key);
  }
}
Injectable()(Listener);
Inject(WarmUp)(Listener, undefined, 0);
RocketMQMessageListener({
  topic: options.topic,
  consumerGroup: options.group,
  consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
  awaitTerminationMillis: options.deadline,
})(Listener);

class Application {}
Module({
  imports: [RocketMQModule.forRoot({ nameServer: options.nameServer })],
  providers: [WarmUp, Sender, Listener],
})(Application);

const app = await NestFactory.createApplicationContext(Application, { logger: ['warn', 'error'] });
app.enableShutdownHooks(['SIGTERM'], { useProcessExit: true });
print('started');
createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'quiet') app.get(Sender).isQuiet = true;
  if (line === 'stick') app.get(Listener).isToStick = true;
});
