import { Inject, Injectable, Module, type OnApplicationBootstrap, type Type } from '@nestjs/common';
import { ModulesContainer, NestFactory, REQUEST } from '@nestjs/core';
import { expect, it } from '@jest/globals';
import { atEndOfBootstrap } from './bootstrap-end.js';

const order: string[] = [];

@Injectable()
class Work implements OnApplicationBootstrap {
  constructor(private readonly modules: ModulesContainer) {}

  onApplicationBootstrap(): void {
    order.push('asked');
    atEndOfBootstrap(this.modules, async () => void order.push('work'));
  }
}

/** Nest comes to it first, as it does to what is global. */
@Module({ providers: [Work] })
class Library {}

@Injectable()
class Provider implements OnApplicationBootstrap {
  async onApplicationBootstrap(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    order.push('provider');
  }
}

/** What ran in the application's start, and the names that the root module's instance has after it. */
async function start(root: Type<object>): Promise<{ order: string[]; own: string[] }> {
  order.length = 0;
  const app = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
  const own = Object.keys(await app.resolve(root));
  await app.close();
  return { order: [...order], own };
}

it('the work comes last, after the hook of the root module, which is as before then', async () => {
  @Module({ imports: [Library], providers: [Provider] })
  class Root implements OnApplicationBootstrap {
    readonly name = 'root';

    async onApplicationBootstrap(): Promise<void> {
      await Promise.resolve();
      order.push(this.name);
    }
  }
  expect(await start(Root)).toEqual({ order: ['asked', 'provider', 'root', 'work'], own: ['name'] });
});

it('a root module without a hook has none afterwards', async () => {
  @Module({ imports: [Library], providers: [Provider] })
  class Root {}
  expect(await start(Root)).toEqual({ order: ['asked', 'provider', 'work'], own: [] });
});

it('a hook that fails is told by the start, and nothing is done', async () => {
  @Module({ imports: [Library] })
  class Root implements OnApplicationBootstrap {
    onApplicationBootstrap(): void {
      throw new Error('no database');
    }
  }
  await expect(start(Root)).rejects.toThrow('no database');
  expect(order).toEqual(['asked']);
});

it('a root module that lives for a request only has no hooks: the module before it is the last', async () => {
  @Module({ imports: [Library] })
  class Root {
    constructor(@Inject(REQUEST) readonly request: unknown) {}
  }
  expect((await start(Root)).order).toEqual(['asked', 'work']);
});
