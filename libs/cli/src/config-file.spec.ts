import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfigFile } from './config-file.js';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'config-file-'));
});
afterAll(() => rm(directory, { recursive: true }));

it('reads a text, without the mark that some editors put before it', async () => {
  const path = join(directory, 'broker.conf');
  await writeFile(path, '\uFEFFbrokerName=订单\n');
  expect(await readConfigFile(path)).toEqual({ path, text: 'brokerName=订单\n' });
});

it('says what is wrong with a file that cannot be read', async () => {
  const missing = join(directory, 'missing.conf');
  await expect(readConfigFile(missing)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: `cannot read the configuration file ${missing}: there is no such file`,
  });
  await expect(readConfigFile(directory)).rejects.toThrow('it is a directory');
});

it('does not take a large file for a configuration', async () => {
  const path = join(directory, 'commitlog');
  await writeFile(path, Buffer.alloc(1024 * 1024 + 1, 'x'));
  await expect(readConfigFile(path)).rejects.toThrow(`${path} is no configuration file: it is larger than 1 MiB`);
});
