import type { INestApplicationContext, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

/** Starts an application without HTTP, and closes it whatever happens. */
export async function running(module: Type, use: (app: INestApplicationContext) => Promise<void>): Promise<void> {
  const app = await NestFactory.createApplicationContext(module, { logger: ['warn', 'error'], abortOnError: false });
  try {
    await use(app);
  } finally {
    await app.close();
  }
}
