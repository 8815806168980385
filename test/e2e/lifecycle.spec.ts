import {
  type INestApplicationContext,
  Injectable,
  Module,
  type ModuleMetadata,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { createServer, type Server } from 'node:net';
import { TextServer } from '../../libs/testkit/src/index.js';
import {
  type ConnectFailurePolicy,
  EmbeddedCluster,
  NameServerModule,
  type RocketMQListener,
  RocketMQConnection,
  RocketMQHealthIndicator,
  RocketMQListeners,
  RocketMQMessageListener,
  RocketMQModule,
  type RocketMQModuleOptions,
  RocketMQTemplate,
} from '../../src/index.js';
import { Applications, failureOf } from './applications.js';
import { LogLines } from './log-lines.js';
import { Mailbox } from './mailbox.js';

// Real servers on a machine that may be busy.
jest.setTimeout(120_000);

const applications = new Applications();
const servers: Server[] = [];

afterEach(async () => {
  delete process.env['NAMESRV_ADDR'];
  delete process.env['rocketmq.namesrv.domain'];
  await applications.closeAll();
  for (const server of servers.splice(0)) server.close();
});

/** A port that something else listens on. */
async function takenPort(): Promise<number> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

/** A port that nothing listens on. */
async function deadPort(): Promise<number> {
  const port = await takenPort();
  await new Promise((resolve) => servers.pop()?.close(resolve));
  return port;
}

/** As a plain object, as applications write it. */
type PlainOptions = Pick<RocketMQModuleOptions, keyof RocketMQModuleOptions>;

async function embedded(options: PlainOptions = {}): Promise<PlainOptions> {
  return { embedded: { port: 0, storePathRootDir: await applications.directory() }, ...options };
}

function listenerOf(topic: string, mailbox: Mailbox<string>, work: () => Promise<void> = async () => undefined) {
  @Injectable()
  @RocketMQMessageListener({ topic, consumerGroup: `${topic}-group`, awaitTerminationMillis: 20_000 })
  class Listener implements RocketMQListener<string> {
    async onMessage(text: string): Promise<void> {
      await work();
      mailbox.put(text);
    }
  }
  return Listener;
}

describe('embedded servers', () => {
  it('carry messages, and keep them over a restart on the same directory', async () => {
    const options = await embedded();
    const first = await applications.start({ imports: [RocketMQModule.forRoot(options)] });
    for (let i = 0; i < 10; i++) await first.get(RocketMQTemplate).send('kept', `m${i}`);
    await first.close();

    const seen = new Mailbox<string>();
    const second = { imports: [RocketMQModule.forRoot(options)], providers: [listenerOf('kept', seen)] };
    await applications.start(second);
    const texts = await seen.have(10);
    expect(new Set(texts)).toEqual(new Set(Array.from({ length: 10 }, (_, i) => `m${i}`)));
  });

  it('of two applications in one process do not meet', async () => {
    const [one, two] = [new Mailbox<string>(), new Mailbox<string>()];
    const apps: INestApplicationContext[] = [];
    for (const mailbox of [one, two]) {
      const providers = [listenerOf('same', mailbox)];
      apps.push(await applications.start({ imports: [RocketMQModule.forRoot(await embedded())], providers }));
    }
    await apps[0]?.get(RocketMQTemplate).send('same', 'for one');
    await apps[1]?.get(RocketMQTemplate).send('same', 'for two');
    expect([await one.have(1), await two.have(1)]).toEqual([['for one'], ['for two']]);
  });

  it('say which port is taken and what to do, and leave nothing behind', async () => {
    const port = await takenPort();
    const directory = await applications.directory();
    const options = { embedded: { port: 0, brokerPort: port, storePathRootDir: directory } };
    const failure = await failureOf(applications.start({ imports: [RocketMQModule.forRoot(options)] }));
    expect(failure).toContain(String(port));
    expect(failure).toContain('Set embedded: { port: 0 } for free ports');
    await new EmbeddedCluster({ port: 0, storePathRootDir: directory }).close();
  });

  it('give back the port of the one when the other cannot start', async () => {
    const [port, brokerPort, storePathRootDir] = [await deadPort(), await takenPort(), await applications.directory()];
    const broken = new EmbeddedCluster({ port, brokerPort, storePathRootDir });
    await expect(broken.start()).rejects.toMatchObject({ code: 'LISTEN_FAILED' });
    const sound = new EmbeddedCluster({ port, brokerPort: 0, storePathRootDir });
    await sound.start();
    await sound.close();
  });

  it('refuse a directory that another application uses', async () => {
    const options = await embedded();
    await applications.start({ imports: [RocketMQModule.forRoot(options)] });
    expect(await failureOf(applications.start({ imports: [RocketMQModule.forRoot(options)] }))).toMatch(/lock/i);
  });

  it('yield to NAMESRV_ADDR, and the log says so', async () => {
    const host = await applications.start({ imports: [RocketMQModule.forRoot(await embedded())] });
    const [address = ''] = host.get(RocketMQConnection).nameServers;
    process.env['NAMESRV_ADDR'] = address;
    const log = new LogLines();
    const app = await applications.start({ imports: [RocketMQModule.forRoot({ embedded: true })] }, log);
    expect(app.get(RocketMQConnection).nameServers).toEqual([address]);
    expect(log.lines.join('\n')).toContain(
      `Using name server ${address} (environment NAMESRV_ADDR; it wins over embedded)`,
    );
  });

  it('yield to the address server of the environment, too', async () => {
    const host = await applications.start({ imports: [RocketMQModule.forRoot(await embedded())] });
    const [address = ''] = host.get(RocketMQConnection).nameServers;
    const http = await TextServer.open(address);
    process.env['rocketmq.namesrv.domain'] = http.address;
    const log = new LogLines();
    const app = await applications.start({ imports: [RocketMQModule.forRoot({ embedded: true })] }, log);
    expect(await app.get(RocketMQTemplate).send('told-by-http', 'hello')).toMatchObject({ sendStatus: 'SEND_OK' });
    expect(log.lines.join('\n')).toContain(
      `Using the name servers that http://${http.address}/rocketmq/nsaddr names; it wins over embedded`,
    );
    await http.close();
  });
});

describe('the bootstrap of an application', () => {
  it('has ended, in all of its modules, before anything is handled', async () => {
    const seen = new Mailbox<string>();
    const hooks: [string, boolean | undefined][] = [];
    const note = async (place: string, listeners: RocketMQListeners, template: RocketMQTemplate): Promise<void> => {
      await template.send('early', place);
      hooks.push([place, listeners.states[0]?.running]);
    };
    @Injectable()
    class Provider implements OnApplicationBootstrap {
      constructor(
        private readonly listeners: RocketMQListeners,
        private readonly template: RocketMQTemplate,
      ) {}
      onApplicationBootstrap = (): Promise<void> => note('provider', this.listeners, this.template);
    }
    @Module({
      imports: [RocketMQModule.forRoot(await embedded())],
      providers: [Provider, listenerOf('early', seen)],
    })
    class Root implements OnApplicationBootstrap {
      constructor(
        private readonly listeners: RocketMQListeners,
        private readonly template: RocketMQTemplate,
      ) {}
      onApplicationBootstrap = (): Promise<void> => note('module', this.listeners, this.template);
    }
    const app = await NestFactory.createApplicationContext(Root, { logger: false, abortOnError: false });
    try {
      expect(hooks).toEqual([
        ['provider', false],
        ['module', false],
      ]);
      expect(app.get(RocketMQListeners).states).toMatchObject([{ running: true }]);
      expect((await seen.have(2)).toSorted()).toEqual(['module', 'provider']);
    } finally {
      await app.close();
    }
  });
});

describe('stopping', () => {
  it('waits for handlers under way and loses nothing', async () => {
    const options = await embedded();
    const [before, after] = [new Mailbox<string>(), new Mailbox<string>()];
    const begun = new Mailbox<string>();
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const work = (): Promise<void> => {
      begun.put('');
      return gate;
    };
    const app = await applications.start({
      imports: [RocketMQModule.forRoot({ ...options, consumer: { concurrency: 2 } })],
      providers: [listenerOf('work', before, work)],
    });
    const template = app.get(RocketMQTemplate);
    await Promise.all(Array.from({ length: 40 }, (_, i) => template.send('work', `m${i}`)));
    await begun.have(2);
    const closed = app.close();
    while (app.get(RocketMQListeners).states[0]?.running) await new Promise((resolve) => setImmediate(resolve));
    expect(before.items).toEqual([]);
    open();
    await closed;
    expect(before.items).toHaveLength(2);
    expect(begun.items).toHaveLength(2);

    await applications.start({ imports: [RocketMQModule.forRoot(options)], providers: [listenerOf('work', after)] });
    await after.have(38);
    expect(new Set([...before.items, ...after.items]).size).toBe(40);
  });

  it('lets sends under way end, refuses later ones, and may be asked for twice', async () => {
    const app = await applications.start({ imports: [RocketMQModule.forRoot(await embedded())] });
    const template = app.get(RocketMQTemplate);
    await template.send('t', 'x');
    const last = template.send('t', 'y');
    const requests = template.send(
      't',
      ['a', 'b'].map((text) => text.repeat(3 * 1024 * 1024)),
    );
    await Promise.all([app.close(), app.close()]);
    expect((await last).sendStatus).toBe('SEND_OK');
    expect(await requests).toHaveLength(2);
    await expect(template.send('t', 'z')).rejects.toMatchObject({ code: 'CLOSED' });
  });
});

describe('a start that fails', () => {
  it('closes what had begun', async () => {
    const listenPort = await deadPort();
    const hosted = NameServerModule.forRoot({ listenPort });
    const unreachable = RocketMQModule.forRoot({ nameServer: `127.0.0.1:${await deadPort()}` });
    await expect(applications.start({ imports: [hosted, unreachable] })).rejects.toMatchObject({
      code: 'NAME_SERVER_UNAVAILABLE',
    });
    await applications.start({ imports: [hosted] });
  });
});

describe('options', () => {
  it.each<[string, ModuleMetadata, string | RegExp]>([
    ['no name server', { imports: [RocketMQModule.forRoot()] }, 'RocketMQModule: no name server. Give nameServer'],
    [
      'several wrong ones',
      { imports: [RocketMQModule.forRoot({ nameserver: 'x', autoStart: 1 } as object)] },
      /nameserver is unknown; did you mean nameServer\?[\s\S]*autoStart must be true or false; it is 1/,
    ],
    [
      'a key of the broker misspelt',
      { imports: [RocketMQModule.forRoot({ embedded: { port: 0, broker: { autoCreateTopicEnabled: true } } })] },
      /embedded\.broker.*autoCreateTopicEnabled.*did you mean autoCreateTopicEnable/,
    ],
    [
      'keys of both embedded servers',
      { imports: [RocketMQModule.forRoot({ embedded: { broker: { flushDiskType: 'X' }, nameServer: { foo: 1 } } })] },
      /embedded\.nameServer.*foo[\s\S]*embedded\.broker.*flushDiskType/,
    ],
    [
      'a feature that is not there',
      { imports: [RocketMQModule.forRoot({ embedded: { port: 0, broker: { brokerRole: 'SLAVE' } } })] },
      /brokerRole.*unsupported/,
    ],
    [
      'the module twice',
      { imports: [RocketMQModule.forRoot({ nameServer: 'a:1' }), RocketMQModule.forRoot({ nameServer: 'b:1' })] },
      'forRoot is imported twice',
    ],
    [
      'options made by a factory',
      { imports: [RocketMQModule.forRootAsync({ useFactory: () => ({ nameServer: '' }) })] },
      "nameServer must be 'host:port;host:port'",
    ],
  ])('%s', async (_name, metadata, expected) => {
    await expect(applications.start(metadata)).rejects.toMatchObject({
      message: typeof expected === 'string' ? expect.stringContaining(expected) : expect.stringMatching(expected),
    });
  });

  it('enabled: false opens nothing', async () => {
    const seen = new Mailbox<string>();
    const app = await applications.start({
      imports: [RocketMQModule.forRoot({ enabled: false })],
      providers: [listenerOf('off', seen)],
    });
    expect(app.get(RocketMQConnection).state).toBe('idle');
    await expect(app.get(RocketMQTemplate).send('off', 'x')).rejects.toThrow('switched off (enabled: false)');
  });

  it('autoStart: false leaves the start to the application', async () => {
    const seen = new Mailbox<string>();
    const app = await applications.start({
      imports: [RocketMQModule.forRoot(await embedded({ autoStart: false }))],
      providers: [listenerOf('later', seen)],
    });
    await app.get(RocketMQTemplate).send('later', 'x');
    expect(app.get(RocketMQListeners).states).toMatchObject([{ running: false }]);
    await app.get(RocketMQListeners).start();
    expect(await seen.have(1)).toEqual(['x']);
  });
});

describe('a name server that does not answer', () => {
  async function start(onConnectFailure: ConnectFailurePolicy, address: string, seen = new Mailbox<string>()) {
    return applications.start({
      imports: [RocketMQModule.forRoot({ nameServer: address, onConnectFailure })],
      providers: [listenerOf('down', seen)],
    });
  }

  it("'fail' stops the start and names the address", async () => {
    const address = `127.0.0.1:${await deadPort()}`;
    const failure = await failureOf(start('fail', address));
    expect(failure).toContain(`Name server ${address} does not answer`);
    expect(failure).toContain('ECONNREFUSED');
  });

  it.each<ConnectFailurePolicy>(['retry', 'lazy'])(
    "'%s' starts, and works when the server comes",
    async (policy) => {
      const port = await deadPort();
      const seen = new Mailbox<string>();
      const app = await start(policy, `127.0.0.1:${port}`, seen);
      const template = app.get(RocketMQTemplate);
      await expect(template.send('down', 'x')).rejects.toMatchObject({
        code: 'NAME_SERVER_UNAVAILABLE',
        retryable: true,
      });
      const health = await app.get(RocketMQHealthIndicator).check();
      expect(health.rocketmq.status).toBe(policy === 'retry' ? 'down' : 'up');

      const directory = await applications.directory();
      const cluster = { embedded: { port, brokerPort: 0, storePathRootDir: directory } };
      const host = await applications.start({ imports: [RocketMQModule.forRoot(cluster)] });
      await host.get(RocketMQTemplate).send('down', 'from the host');
      expect(await seen.have(1)).toEqual(['from the host']);
      await template.send('down', 'from the client');
      expect(await seen.have(2)).toEqual(['from the host', 'from the client']);
      expect(await app.get(RocketMQHealthIndicator).check('mq')).toMatchObject({
        mq: { status: 'up', connections: { default: { connection: 'connected' } } },
      });
      await app.close();
    },
    60_000,
  );

  it('does not hold up the stop', async () => {
    const app = await start('retry', `127.0.0.1:${await deadPort()}`);
    expect(app.get(RocketMQConnection).state).toBe('connecting');
    await app.close();
    expect(app.get(RocketMQConnection).state).toBe('closed');
  });
});

describe('a web application', () => {
  it('fails to start as a whole, with one clear error', async () => {
    const address = `127.0.0.1:${await deadPort()}`;
    const module = RocketMQModule.forRoot({ nameServer: address });
    const started = NestFactory.create(module, { logger: false, abortOnError: false }).then((app) => app.init());
    expect(await failureOf(started)).toContain(address);
  });
});
