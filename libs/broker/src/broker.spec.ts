import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createBroker } from './broker.js';

const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'broker-'));
  directories.push(directory);
  return directory;
}

describe('createBroker', () => {
  it('listens on a free port and says which', async () => {
    const broker = createBroker({ listenPort: 0, storePathRootDir: temporaryDirectory(), brokerName: 'a' });
    await broker.start();
    expect(broker.address).toBe(`127.0.0.1:${broker.port}`);
    expect(broker.port).toBeGreaterThan(0);
    await broker.close();
  });
});
