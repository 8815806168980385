import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTableFile, silentLogger, systemClock, type TableFile } from './index.js';

let directory: string;
let path: string;
let value: string;
let table: TableFile;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'table-file-'));
  path = join(directory, 'config', 'table.json');
  value = '';
  table = fileOf(path);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

function fileOf(file: string): TableFile {
  return createTableFile({
    path: file,
    clock: systemClock,
    log: silentLogger,
    encode: () => JSON.stringify(value),
    decode: (text) => {
      value = JSON.parse(text) as string;
    },
  });
}

async function save(text: string): Promise<void> {
  value = text;
  await table.save();
}

describe('a table file', () => {
  it('keeps what it held before in the backup', async () => {
    await save('one');
    await save('two');
    expect(await readFile(path, 'utf8')).toBe('"two"');
    expect(await readFile(`${path}.bak`, 'utf8')).toBe('"one"');
  });

  it('is empty when there is none', async () => {
    value = 'untouched';
    await table.load();
    expect(value).toBe('untouched');
  });

  it.each([
    ['missing', () => rm(path)],
    ['empty', () => writeFile(path, '')],
    ['torn', () => writeFile(path, '"tw')],
  ])('is read from its backup when it is %s', async (_title, damage) => {
    await save('one');
    await save('two');
    await damage();
    await table.load();
    expect(value).toBe('one');
  });

  it('that cannot be read, without a backup, is not taken for an empty one', async () => {
    await save('one');
    await writeFile(path, 'garbage');
    await expect(table.load()).rejects.toMatchObject({ code: 'STORE_CORRUPT', message: expect.stringContaining(path) });
  });

  it('is written once for all who ask while a write is under way, with what it holds then', async () => {
    const first = save('one');
    const [second, third] = [save('two'), save('three')];
    await Promise.all([first, second, third]);
    expect(await readFile(path, 'utf8')).toBe('"three"');
    await table.settled();
  });

  it('says which file cannot be written, and writes it when it can', async () => {
    await writeFile(join(directory, 'config'), 'a file where a directory should be');
    await expect(save('one')).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining(path),
    });
    await rm(join(directory, 'config'));
    await table.save();
    expect(await readFile(path, 'utf8')).toBe('"one"');
  });
});
