import type { INestApplication, ModuleMetadata, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { RocketMQMicroserviceModule, RocketMQServer } from '../../src/microservices/index.js';
import { RocketMQTestingModule } from '../../src/testing/index.js';

const timeout = 20_000;

/** Applications with RocketMQ's transport on real servers, closed at the end of a test, newest first. */
export class MicroserviceApplications {
  readonly #running: { close(): Promise<void> }[] = [];

  /** With servers, and a default group 'shop' unless `transport` brings other options. */
  moduleOf({ imports = [], ...rest }: ModuleMetadata, transport: object = {}): { module: Type } & ModuleMetadata {
    class AppModule {}
    const servers = RocketMQTestingModule.forRoot({ broker: { messageDelayLevel: '1s 1s 1s 1s 1s' } });
    const microservice = RocketMQMicroserviceModule.forRoot({ consumerGroup: 'shop', timeout, ...transport });
    return { module: AppModule, imports: [servers, microservice, ...imports], ...rest };
  }

  /** Closes it at the end. */
  keep<T extends { close(): Promise<void> }>(application: T): T {
    this.#running.push(application);
    return application;
  }

  async created(metadata: ModuleMetadata, transport?: object): Promise<INestApplication> {
    const module = this.moduleOf(metadata, transport);
    return this.keep(await NestFactory.create(module, { logger: false, abortOnError: false }));
  }

  /** A hybrid application whose handlers run. */
  async started(metadata: ModuleMetadata, transport?: object): Promise<INestApplication> {
    const app = await this.created(metadata, transport);
    app.connectMicroservice({ strategy: app.get(RocketMQServer) });
    await app.startAllMicroservices();
    return app.init();
  }

  async closeAll(): Promise<void> {
    for (const application of this.#running.splice(0).toReversed()) await application.close();
  }
}
