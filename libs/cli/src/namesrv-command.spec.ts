import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRecordingHost, type RecordingHost } from '../../testkit/src/recording-host.js';
import { runNamesrv } from './namesrv-command.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mqnamesrv-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function configFile(text = ''): Promise<string> {
  const path = join(directory, 'namesrv.conf');
  await writeFile(path, `kvConfigPath=${join(directory, 'kvConfig.json')}\n${text}`);
  return path;
}

async function ended(args: string[]): Promise<{ code: number; host: RecordingHost }> {
  const host = createRecordingHost();
  return { code: await runNamesrv(args, host), host };
}

describe('mqnamesrv', () => {
  it("starts, says so in Apache's words, and stops in order", async () => {
    const host = createRecordingHost();
    const file = await configFile('listenPort=0\n');
    const before = await readFile(file, 'utf8');
    const code = runNamesrv(['-c', file], host);
    expect(await host.outMatches(/\n/)).toMatch(
      /^The Name Server boot success\. serializeType=JSON, address 127\.0\.0\.1:\d+\n$/,
    );
    host.signal('SIGTERM');
    expect(await code).toBe(0);
    expect(host.stderr).toBe('');
    expect(await readFile(file, 'utf8')).toBe(before);
  });

  it('says in one sentence that the port is taken', async () => {
    const host = createRecordingHost();
    const first = runNamesrv(['-c', await configFile('listenPort=0')], host);
    const port = /:(\d+)\n/.exec(await host.outMatches(/\n/))?.[1];
    const { code, host: second } = await ended([`listenPort=${port}`, `kvConfigPath=${join(directory, 'kv2.json')}`]);
    expect(code).toBe(1);
    expect(second.stderr).toMatch(new RegExp(`^mqnamesrv: .*${port}.*\\n$`));
    expect(second.stdout).toBe('');
    host.signal('SIGTERM');
    expect(await first).toBe(0);
  });

  it("takes Apache's -n, which a name server has no use for", async () => {
    const { code, host } = await ended(['-n', '127.0.0.1:9876', '-p', '-c', await configFile('listenPort=19876')]);
    expect(code).toBe(0);
    expect(host.stdout).toMatch(/\n {2}listenPort +19876 +\S+namesrv\.conf +Port/);
    expect(host.stdout).toMatch(/\n {2}enableControllerInNamesrv +false +default +Otherwise unsupported: /);
    expect(host.stdout).toMatch(/\n {2}defaultThreadPoolNums +16 +default +No effect: /);
  });

  it.each([
    [['-m'], /^mqnamesrv: unknown option '-m'\n$/],
    [['-c', 'missing.conf'], /^mqnamesrv: cannot read the configuration file missing\.conf: there is no such file\n$/],
    [['listenport=1'], /^mqnamesrv: option: unknown key "listenport"; did you mean listenPort\?\n$/],
    [['supportActingMaster=true'], /^mqnamesrv: option: supportActingMaster=true is unsupported: .*\n$/],
  ])('%j is refused in one sentence, with exit code 1', async (args, expected) => {
    const { code, host } = await ended(args);
    expect(host.stderr).toMatch(expected);
    expect(code).toBe(1);
  });
});
