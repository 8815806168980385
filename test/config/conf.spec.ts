import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readBrokerConfig } from '../../libs/broker/src/index.js';
import { codeOf } from '../../libs/common/src/index.js';
import { readNamesrvConfig } from '../../libs/namesrv/src/index.js';

const replicated = /-s\.properties$|^2m-2s-sync\//;
const paths = readdirSync('conf', { recursive: true, encoding: 'utf8' }).filter((path) =>
  /\.(conf|properties)$/.test(path),
);
const brokerFiles = paths.filter((path) => path !== 'namesrv.conf');

function file(path: string): { path: string; text: string } {
  return { path, text: readFileSync(join('conf', path), 'utf8') };
}

/** Lines that are commented out, as if they were not: their keys are meant to be right, too. */
function withExamples(text: string): string {
  return text.replace(/^# (\w+ = )/gm, '$1');
}

it('has the files of an Apache distribution', () => {
  expect(paths.map((path) => path.replaceAll('\\', '/')).sort()).toEqual([
    '2m-2s-async/broker-a-s.properties',
    '2m-2s-async/broker-a.properties',
    '2m-2s-async/broker-b-s.properties',
    '2m-2s-async/broker-b.properties',
    '2m-2s-sync/broker-a-s.properties',
    '2m-2s-sync/broker-a.properties',
    '2m-2s-sync/broker-b-s.properties',
    '2m-2s-sync/broker-b.properties',
    '2m-noslave/broker-a.properties',
    '2m-noslave/broker-b.properties',
    'broker.conf',
    'namesrv.conf',
  ]);
});

describe.each(brokerFiles.filter((path) => !replicated.test(path)))('conf/%s', (path) => {
  it('is read, and names its broker', () => {
    const { config } = readBrokerConfig({ file: file(path) });
    expect(config).toMatchObject({
      brokerClusterName: 'DefaultCluster',
      brokerName: /broker-b/.test(path) ? 'broker-b' : 'broker-a',
      brokerId: 0,
      flushDiskType: 'ASYNC_FLUSH',
    });
  });

  it('has right examples', () => {
    const { path: name, text } = file(path);
    expect(() => readBrokerConfig({ file: { path: name, text: withExamples(text) } })).not.toThrow();
  });
});

describe.each(brokerFiles.filter((path) => replicated.test(path)))('conf/%s', (path) => {
  it('asks for replication, which stops the start; its header says so', () => {
    let thrown: unknown;
    try {
      readBrokerConfig({ file: file(path) });
    } catch (error) {
      thrown = error;
    }
    expect(codeOf(thrown)).toBe('UNSUPPORTED');
    expect(String(thrown)).toContain(`${path}: brokerRole=`);
    expect(file(path).text).toMatch(/^#.*unsupported/m);
  });
});

it('conf/namesrv.conf is read, with its examples', () => {
  const { path, text } = file('namesrv.conf');
  expect(readNamesrvConfig({ file: { path, text } })).toMatchObject({
    config: { listenPort: 9876, bindAddress: '127.0.0.1', configStorePath: 'namesrv.conf' },
    warnings: [],
  });
  expect(readNamesrvConfig({ file: { path, text: withExamples(text) } }).config.bindAddress).toBe('0.0.0.0');
});
