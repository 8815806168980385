import {
  type BeforeApplicationShutdown,
  Injectable,
  Module,
  type ModuleMetadata,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import {
  BrokerModule,
  HostedBroker,
  HostedNameServer,
  InjectRocketMQTemplate,
  NameServerModule,
  RocketMQConnections,
  RocketMQMessageListener,
  RocketMQModule,
  RocketMQTemplate,
} from '../../src/index.js';
import { Applications } from './applications.js';
import { Mailbox } from './mailbox.js';

// Real servers on a machine that may be busy.
jest.setTimeout(120_000);

const applications = new Applications();
let module: TestingModule | undefined;
afterEach(async () => {
  await module?.close();
  module = undefined;
  await applications.closeAll();
});

const seen = new Mailbox<string>();
const sent: string[] = [];

/** Uses both connections in every hook that Nest has, and while it is drained. */
@Injectable()
class Diary implements OnModuleInit, OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    private readonly template: RocketMQTemplate,
    @InjectRocketMQTemplate('second') private readonly second: RocketMQTemplate,
  ) {}

  onModuleInit = (): Promise<void> => this.#note('init');
  onModuleDestroy = (): Promise<void> => this.#note('destroy');
  beforeApplicationShutdown = (): Promise<void> => this.#note('before shutdown');
  onApplicationShutdown = (): Promise<void> => this.#note('shutdown');

  @RocketMQMessageListener({ topic: 'diary', consumerGroup: 'readers', selectorExpression: 'init' })
  async read(text: string): Promise<void> {
    seen.put(text);
    await this.#note(`read ${text}`, 'read');
  }

  async #note(text: string, tag = text.replace(' ', '-')): Promise<void> {
    for (const [template, connection] of [
      [this.template, 'default'],
      [this.second, 'second'],
    ] as const) {
      const { sendStatus } = await template.send('diary', text, { tag });
      sent.push(`${connection} ${text}: ${sendStatus}`);
    }
  }
}

@Module({ providers: [Diary] })
class DiaryModule {}

type Imports = NonNullable<ModuleMetadata['imports']>;
type Parts = Record<'nameServer' | 'broker' | 'first' | 'second', Imports[number]>;

describe('hosted servers start before the clients and stop after them', () => {
  it.each<[string, (parts: Parts) => Imports]>([
    ['servers first', ({ nameServer, broker, first, second }) => [nameServer, broker, first, second, DiaryModule]],
    ['clients first', ({ nameServer, broker, first, second }) => [DiaryModule, second, first, broker, nameServer]],
    ['mixed', ({ nameServer, broker, first, second }) => [first, broker, DiaryModule, nameServer, second]],
  ])('with %s', async (_order, importsOf) => {
    seen.items.length = 0;
    sent.length = 0;
    const storePathRootDir = await applications.directory();
    const imports = importsOf({
      nameServer: NameServerModule.forRoot({ listenPort: 0 }),
      broker: BrokerModule.forRoot({ listenPort: 0, storePathRootDir, mappedFileSizeCommitLog: 4 * 1024 * 1024 }),
      first: RocketMQModule.forRoot(),
      second: RocketMQModule.forRoot({ name: 'second' }),
    });
    module = await Test.createTestingModule({ imports })
      .setLogger({ log() {}, warn() {}, error() {} })
      .compile();
    const { all } = module.get(RocketMQConnections);
    const steps: string[] = [];
    const states = (): string => all.map(({ state }) => state).join(' ');
    const servers = { 'name server': module.get(HostedNameServer), broker: module.get(HostedBroker) };
    for (const [name, server] of Object.entries(servers)) {
      const [start, close] = [server.start.bind(server), server.close.bind(server)];
      server.start = (...args: [string?]) => start(...args).finally(() => steps.push(`${name} started: ${states()}`));
      server.close = () => (steps.push(`${name} closes: ${states()}`), close());
    }
    await module.init();
    expect(await seen.have(2)).toEqual(['init', 'init']);
    await module.close();
    await module.close();
    expect(steps).toEqual([
      'name server started: idle idle',
      'broker started: idle idle',
      'broker closes: closed closed',
      'name server closes: closed closed',
    ]);
    const hooks = sent.filter((line) => !line.includes('read'));
    // The second close calls the hooks of the application again: nothing is sent then, and nothing else goes wrong.
    expect(hooks).toEqual(
      ['init', 'destroy', 'before shutdown', 'shutdown'].flatMap((hook) => [
        `default ${hook}: SEND_OK`,
        `second ${hook}: SEND_OK`,
      ]),
    );
  });
});
