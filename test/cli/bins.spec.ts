import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

// The commands as processes. They run from the build: without one (npm run build) the specs beside the commands, which
// run the same functions in this process, have to do.
const bins = resolve('dist/esm/libs/cli/src');
const describeBuilt = existsSync(join(bins, 'mqbroker.js')) ? describe : describe.skip;

interface Program {
  readonly process: ChildProcess;
  readonly firstLine: Promise<string>;
  readonly ended: Promise<{ code: number | null; stderr: string }>;
}

let home: string;
let programs: ChildProcess[];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'bins-'));
  programs = [];
});
afterEach(async () => {
  for (const program of programs) program.kill('SIGKILL');
  await rm(home, { recursive: true });
});

function run(bin: string, ...args: string[]): Program {
  const child = spawn(process.execPath, [join(bins, `${bin}.js`), ...args], {
    env: { PATH: process.env['PATH'], HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  programs.push(child);
  let stdout = '';
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stderr }));
  const firstLine = new Promise<string>((found, missing) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (stdout.includes('\n')) found(stdout.split('\n', 1)[0] ?? '');
    });
    void ended.then(({ code }) => missing(new Error(`${bin} ended with ${code}: ${stderr}`)));
  });
  firstLine.catch(() => undefined);
  return { process: child, firstLine, ended };
}

// A process takes its time to start on a busy machine.
jest.setTimeout(60_000);

describeBuilt('the built commands', () => {
  it('make a cluster that starts, registers and stops in order', async () => {
    const nameServer = run('mqnamesrv', 'listenPort=0', `kvConfigPath=${join(home, 'kvConfig.json')}`);
    const address = /address (\S+)$/.exec(await nameServer.firstLine)?.[1] ?? '';
    expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
    const broker = run('mqbroker', '-n', address, 'listenPort=0', 'brokerName=broker-a');
    expect(await broker.firstLine).toMatch(
      /^The broker\[broker-a, 127\.0\.0\.1:\d+\] boot success\. .*JSON and name server is /,
    );
    expect(existsSync(join(home, 'store', 'abort'))).toBe(true);
    broker.process.kill('SIGTERM');
    expect(await broker.ended).toEqual({ code: 0, stderr: '' });
    // A clean stop takes the mark of an unclean one away.
    expect(existsSync(join(home, 'store', 'abort'))).toBe(false);
    nameServer.process.kill('SIGINT');
    expect(await nameServer.ended).toEqual({ code: 0, stderr: '' });
  });

  it('leave with 1 and one sentence when something is wrong', async () => {
    const { code, stderr } = await run('mqbroker', 'brokerRole=SLAVE').ended;
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^mqbroker: option: brokerRole=SLAVE is unsupported: .*\n$/),
    ]);
  });

  it('look at a store that is in use, and end with what they found', async () => {
    const broker = run('mqbroker', 'listenPort=0');
    await broker.firstLine;
    const store = join(home, 'store');
    const inspect = run('nestjs-rocketmq', 'store', 'inspect', store, '--json');
    const { lock } = JSON.parse(await inspect.firstLine) as { lock: string };
    if (process.platform === 'linux') expect(lock).toBe('held');
    expect(await inspect.ended).toEqual({ code: 0, stderr: '' });
    expect((await run('nestjs-rocketmq', 'store', 'verify', store).ended).code).toBe(0);
    broker.process.kill('SIGTERM');
    await broker.ended;
    const fixture = resolve('test/store/fixtures/java-4-9-7-stopped');
    expect((await run('nestjs-rocketmq', 'store', 'verify', fixture).ended).code).toBe(0);
    await cp(fixture, join(home, 'damaged'), { recursive: true });
    await writeFile(join(home, 'damaged/consumequeue/JavaTopic/0/00000000000000000000'), Buffer.alloc(1000));
    expect((await run('nestjs-rocketmq', 'store', 'verify', join(home, 'damaged')).ended).code).toBe(1);
    expect((await run('nestjs-rocketmq', 'store', 'verify', join(home, 'nowhere')).ended).code).toBe(2);
    const dump = run('nestjs-rocketmq', 'store', 'dump', fixture, '--body', 'hex');
    dump.process.stdout?.destroy();
    expect(await dump.ended).toEqual({ code: 0, stderr: '' });
  });

  it('print into a pipe that closes early without a complaint', async () => {
    const { process: child, ended } = run('mqbroker', '-p');
    child.stdout?.destroy();
    expect((await ended).stderr).toBe('');
  });
});
