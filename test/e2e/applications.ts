import type { INestApplicationContext, LoggerService, ModuleMetadata } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../libs/common/src/index.js';

const silent: LoggerService = { log() {}, error() {}, warn() {}, debug() {} };

/** Starts Nest applications for a test and closes, newest first, whatever is left of them at its end. */
export class Applications {
  readonly #running: INestApplicationContext[] = [];
  readonly #directories: string[] = [];

  /** The lines of `logger` are dropped when none is given. */
  async start(metadata: ModuleMetadata, logger: LoggerService | false = false): Promise<INestApplicationContext> {
    const module = await Test.createTestingModule(metadata)
      .setLogger(logger || silent)
      .compile();
    // One that cannot start has to leave nothing behind by itself: Nest runs no stop hooks then.
    const application = await module.init();
    this.#running.push(application);
    return application;
  }

  async directory(): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), 'nestjs-rocketmq-e2e-'));
    this.#directories.push(directory);
    return directory;
  }

  async closeAll(): Promise<void> {
    for (const application of this.#running.splice(0).toReversed()) await application.close();
    for (const directory of this.#directories.splice(0)) await rm(directory, { recursive: true, force: true });
  }
}

/** Why a start fails, or that it does not. */
export function failureOf(start: Promise<unknown>): Promise<string> {
  return start.then(
    () => 'it started',
    (error: unknown) => messageOf(error),
  );
}
