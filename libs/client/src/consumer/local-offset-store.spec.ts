import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock } from '../../../common/src/index.js';
import { LocalOffsetStore } from './local-offset-store.js';

const q0 = { topic: 'T', brokerName: 'broker-a', queueId: 0 };
const q1 = { ...q0, queueId: 1 };

describe('LocalOffsetStore', () => {
  let dir: string;
  let file: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'offsets-'));
    file = join(dir, '10.0.0.1@DEFAULT', 'g', 'offsets.json');
  });
  afterEach(() => rm(dir, { recursive: true }));

  const open = async (): Promise<LocalOffsetStore> => {
    const store = new LocalOffsetStore(
      { dir, clientId: '10.0.0.1@DEFAULT', group: 'g' },
      { clock: systemClock, log: silentLogger },
    );
    await store.load();
    return store;
  };

  const written = async (...offsets: [typeof q0, number][]): Promise<LocalOffsetStore> => {
    const store = await open();
    for (const [queue, offset] of offsets) store.update(queue, offset, false);
    await store.persist([]);
    return store;
  };

  it("writes Apache's file in Apache's place", async () => {
    await written([q0, 12]);
    const text = [
      '{',
      '\t"offsetTable":{{',
      '\t\t\t"brokerName":"broker-a",',
      '\t\t\t"queueId":0,',
      '\t\t\t"topic":"T"',
    ];
    expect(await readFile(file, 'utf8')).toBe([...text, '\t\t}:12', '\t}', '}'].join('\n'));
  });

  it('finds offsets again, and nothing where nothing was', async () => {
    await written([q0, 12], [q1, 3]);
    const store = await open();
    expect([await store.read(q0), store.current(q1)]).toEqual([12, 3]);
    expect(await store.read({ ...q0, topic: 'other' })).toBeUndefined();
  });

  it('moves only forward when asked to', async () => {
    const store = await written([q0, 12]);
    store.update(q0, 5, true);
    expect(store.current(q0)).toBe(12);
    store.update(q0, 5, false);
    expect(store.current(q0)).toBe(5);
  });

  it('keeps the version before, and uses it when the file is cut off or empty', async () => {
    const store = await written([q0, 12]);
    store.update(q0, 13, true);
    await store.persist([]);
    for (const damaged of ['', '{\n\t"offsetTable":{{', 'garbage']) {
      await writeFile(file, damaged);
      expect(await (await open()).read(q0)).toBe(12);
    }
  });

  it('refuses to begin all over when both files are damaged', async () => {
    const store = await written([q0, 12]);
    store.update(q0, 13, true);
    await store.persist([]);
    await writeFile(file, '{"offsetTable":[]}');
    await writeFile(`${file}.bak`, '{');
    await expect(open()).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      message: expect.stringContaining('offsets.json.bak'),
    });
  });

  it('survives a write that failed, and writes at the next round', async () => {
    const store = await open();
    store.update(q0, 12, true);
    await writeFile(join(dir, '10.0.0.1@DEFAULT'), 'in the way');
    await store.persist([]);
    await rm(join(dir, '10.0.0.1@DEFAULT'));
    await store.persist([]);
    expect(await (await open()).read(q0)).toBe(12);
  });

  it('reads what other versions of fastjson write: quoted numbers, other order', async () => {
    await written([q0, 1]);
    await writeFile(file, '{"offsetTable":{{"topic":"T","queueId":"0","brokerName":"broker-a"}:"77"}}');
    expect(await (await open()).read(q0)).toBe(77);
  });
});
