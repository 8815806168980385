import { Injectable, type LoggerService, ValidationPipe } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { IsInt } from 'class-validator';
import {
  RocketMQListeners,
  RocketMQMessage,
  RocketMQMessageListener,
  RocketMQPayload,
  RocketMQReplyListener,
  RocketMQTemplate,
  toDlq,
  type RocketMQOutcome,
} from '../../src/index.js';
import { RocketMQTesting, RocketMQTestingModule } from '../../src/testing/index.js';
import { Applications } from './applications.js';

// Real servers on a machine that may be busy.
jest.setTimeout(120_000);

const applications = new Applications();
afterEach(() => applications.closeAll());

class Payment {
  @IsInt() cents!: number;
}

/** Throws in every way a handler can. */
@Injectable()
class Duties {
  @RocketMQMessageListener({ topic: 'throwing', consumerGroup: 'g-throwing' })
  throwing(): void {
    throw new Error('the database is away');
  }
  @RocketMQMessageListener({ topic: 'validated', consumerGroup: 'g-validated', onPoison: 'dlq' })
  validated(@RocketMQPayload() _payment: Payment): void {}
  @RocketMQMessageListener({ topic: 'unreadable', consumerGroup: 'g-unreadable', payloadType: Payment })
  unreadable(): void {}
  @RocketMQMessageListener({ topic: 'dead', consumerGroup: 'g-dead' })
  dead(): RocketMQOutcome {
    return toDlq('too old');
  }
  @RocketMQMessageListener({ topic: 'batch', consumerGroup: 'g-batch', batch: 8 })
  batch(_messages: RocketMQMessage[]): void {
    throw new Error('the whole batch');
  }
  @RocketMQMessageListener({ topic: 'ordered', consumerGroup: 'g-ordered', consumeMode: 'ORDERLY' })
  ordered(): void {
    throw new Error('not now');
  }
  @RocketMQReplyListener({ topic: 'asked', consumerGroup: 'g-asked' })
  asked(): void {
    throw new Error('no answer');
  }
}

const secret = 'card-4111-1111';

describe('log lines of a message that failed', () => {
  it("go to Nest's logger with group and topic, without payload, keys and properties", async () => {
    const lines: string[] = [];
    const note = (...parts: unknown[]): void => void lines.push(parts.map(textOf).join(' '));
    const logger: LoggerService = { log: note, warn: note, error: note, debug: note, verbose: note };
    const app = await applications.start(
      {
        imports: [RocketMQTestingModule.forRoot()],
        providers: [Duties, { provide: APP_PIPE, useValue: new ValidationPipe() }],
      },
      logger,
    );
    const template = app.get(RocketMQTemplate);
    const topics = ['throwing', 'validated', 'unreadable', 'dead', 'batch', 'ordered', 'asked'];
    const options = { keys: secret, properties: { token: secret } };
    for (const topic of topics) {
      const payload = topic === 'unreadable' ? `{ "cents": ${secret}` : { cents: secret };
      if (topic === 'asked')
        await template.sendAndReceive(topic, payload, { ...options, timeout: 300 }).catch(() => undefined);
      else await template.send(topic, payload, options);
    }
    const failed = () => lines.filter((line) => line.includes('not consumed'));
    await app.get(RocketMQTesting).waitFor(() => {
      for (const topic of topics) {
        expect(failed().some((line) => line.includes(`group="g-${topic}"`) && line.includes(`queue="${topic}/`))).toBe(
          true,
        );
      }
    });
    for (const group of app.get(RocketMQListeners).groupStates)
      await app.get(RocketMQListeners).stop(group.consumerGroup);
    expect(lines.filter((line) => line.includes(secret))).toEqual([]);
    expect(failed()[0]).toMatch(
      /^messages not consumed; they go back to the broker group="g-throwing" queue="throwing\/test\/\d" .* error="the database is away" RocketMQ$/,
    );
  });
});

function textOf(part: unknown): string {
  return typeof part === 'string' ? part : JSON.stringify(part);
}
