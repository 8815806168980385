import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRecordingHost, type RecordingHost } from '../../testkit/src/recording-host.js';
import { runBroker } from './broker-command.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mqbroker-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function configFile(text: string): Promise<string> {
  const path = join(directory, 'broker.conf');
  await writeFile(path, `storePathRootDir=${join(directory, 'store')}\nlistenPort=0\n${text}`);
  return path;
}

/** Runs a command line that is expected to end by itself. */
async function ended(args: string[], environment = {}): Promise<{ code: number; host: RecordingHost }> {
  const host = createRecordingHost(environment);
  return { code: await runBroker(args, host), host };
}

describe('mqbroker', () => {
  it("starts from a file, says so in Apache's words, and stops in order", async () => {
    const host = createRecordingHost({ NAMESRV_ADDR: '127.0.0.1:1' });
    const code = runBroker(['-c', await configFile('brokerName=broker-a'), '--logLevel', 'off'], host);
    const line = await host.outMatches(/boot success/);
    expect(line).toMatch(
      /^The broker\[broker-a, 127\.0\.0\.1:\d+\] boot success\. serializeType=JSON and name server is 127\.0\.0\.1:1\n$/,
    );
    host.signal('SIGTERM');
    expect(await code).toBe(0);
    expect(host.stderr).toBe('');
  });

  it('names no name server when there is none, and warns of keys without effect', async () => {
    const host = createRecordingHost();
    const code = runBroker(['-c', await configFile('brokerName=b\nwarmMapedFileEnable=true')], host);
    expect(await host.outMatches(/\n/)).toMatch(/^The broker\[b, \S+\] boot success\. serializeType=JSON\n$/);
    host.signal('SIGINT');
    expect(await code).toBe(0);
    expect(host.stderr).toMatch(/ WARN {2}\S+broker\.conf: warmMapedFileEnable has no effect here: /);
  });

  it('says in one sentence that the directory is in use', async () => {
    const file = await configFile('brokerName=first');
    const host = createRecordingHost();
    const first = runBroker(['-c', file, '--logLevel', 'off'], host);
    await host.outMatches(/boot success/);
    const { code, host: second } = await ended(['-c', file, '--logLevel', 'off']);
    expect(code).toBe(1);
    expect(second.stderr).toMatch(/^mqbroker: .*lock.*\n$/);
    expect(second.stdout).toBe('');
    host.signal('SIGTERM');
    await first;
  });

  it('says in one sentence that the port is taken', async () => {
    const host = createRecordingHost();
    const first = runBroker(['-c', await configFile(''), '--logLevel', 'off'], host);
    const port = /:(\d+)\]/.exec(await host.outMatches(/boot success/))?.[1];
    const settings = [`listenPort=${port}`, `storePathRootDir=${join(directory, 'other')}`];
    const { code, host: second } = await ended([...settings, '--logLevel', 'off']);
    expect(code).toBe(1);
    expect(second.stderr).toMatch(new RegExp(`^mqbroker: .*${port}.*\\n$`));
    host.signal('SIGTERM');
    await first;
  });

  it('takes properties as Java does, above the environment', async () => {
    const properties = ['-Drocketmq.namesrv.addr=p:1', '-D', 'rocketmq.namesrv.domain=mq:80'];
    const { code, host } = await ended(['-p', '-c', await configFile(''), ...properties], { NAMESRV_ADDR: 'e:1' });
    expect(code).toBe(0);
    expect(host.stdout).toMatch(/\n {2}namesrvAddr +p:1 +rocketmq\.namesrv\.addr /);
    expect(host.stdout).toMatch(/\n {2}rmqAddressServerDomain +mq:80 +rocketmq\.namesrv\.domain /);
    const wrong = await ended(['-D', 'x']);
    expect(wrong).toMatchObject({ code: 1, host: { stderr: expect.stringContaining('It must be name=value.') } });
  });

  it('lets options win over the file, and the file over the environment', async () => {
    const file = await configFile('namesrvAddr=file:9876\nbrokerName=file');
    const { code, host } = await ended(['-p', '-c', file, '-n', 'a:1;b:2', 'brokerName=option'], {
      NAMESRV_ADDR: 'e:1',
    });
    expect(code).toBe(0);
    expect(host.stdout).toMatch(/\n {2}namesrvAddr +a:1;b:2 +option /);
    expect(host.stdout).toMatch(/\n {2}brokerName +option +option /);
    expect(host.stdout).toMatch(/\n {2}listenPort +0 +\S+broker\.conf /);
  });

  it.each(['--printConfigItem', '-p'])('%s prints every key with its effect, and starts nothing', async (option) => {
    const { code, host } = await ended([option]);
    expect(code).toBe(0);
    expect(host.stdout).toMatch(/\n {2}listenPort +10911 +default +Port/);
    expect(host.stdout).toMatch(
      /\n {2}sendMessageThreadPoolNums +4 +default +No effect: requests are served by one event/,
    );
    expect(host.stdout).toMatch(/\n {2}aclEnable +false +default +Otherwise unsupported: /);
    expect(host.stdout.split('\n').length).toBeGreaterThan(450);
    expect(host.stderr).toBe('');
  });

  it.each(['--printImportantConfig', '-m'])('%s prints the important ones', async (option) => {
    const { code, host } = await ended([option]);
    expect(code).toBe(0);
    expect(host.stdout).toMatch(/\n {2}brokerName /);
    expect(host.stdout).not.toContain('sendMessageThreadPoolNums');
    expect(host.stdout.split('\n').length).toBeLessThan(60);
  });

  it('-h shows the options and exits with 0', async () => {
    const { code, host } = await ended(['-h']);
    expect(code).toBe(0);
    for (const option of [
      '-c, --configFile',
      '-n, --namesrvAddr',
      '-p, --printConfigItem',
      '-m, --printImportantConfig',
    ]) {
      expect(host.stdout).toContain(option);
    }
  });

  it.each([
    [['-x'], /^mqbroker: unknown option '-x'\n$/],
    [['--configFil', 'x'], /^mqbroker: unknown option '--configFil'\n.*Did you mean --configFile\?\)?\n$/],
    [['-c'], /^mqbroker: option '-c, --configFile <file>' argument missing\n$/],
    [['start'], /^mqbroker: "start" is neither an option nor key=value; --help shows what there is\n$/],
    [['brokerNam=x'], /^mqbroker: option: unknown key "brokerNam"; did you mean brokerName\?\n$/],
    [['listenPort=x', 'brokerIP1=y'], /^mqbroker: option: listenPort must be a whole number, not "x"\n$/],
    [['-n', 'mq1'], /^mqbroker: option: namesrvAddr: "mq1" is no address; write host:port, as in 127.0.0.1:9876\n$/],
    [['aclEnable=true'], /^mqbroker: option: aclEnable=true is unsupported: .*\n$/],
    [['-c', 'missing.conf'], /^mqbroker: cannot read the configuration file missing\.conf: there is no such file\n$/],
    [['--logLevel', 'loud'], /^mqbroker: the log level is one of debug, info, warn, error, off, not "loud"\n$/],
  ])('%j is refused in one sentence, with exit code 1', async (args, expected) => {
    const { code, host } = await ended(args);
    expect(host.stderr).toMatch(expected);
    expect([code, host.stdout]).toEqual([1, '']);
  });

  it('takes the log level from LOG_LEVEL', async () => {
    const { host } = await ended(['-p'], { LOG_LEVEL: 'loud' });
    expect(host.stderr).toContain('not "loud"');
  });
});
