import { describe, expect, it } from '@jest/globals';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { readNamesrvConfig } from './read-namesrv-config.js';

function inFile(text: string): ReturnType<typeof readNamesrvConfig> {
  return readNamesrvConfig({ file: { path: 'namesrv.conf', text } });
}

describe('readNamesrvConfig', () => {
  it('gives a complete configuration when nothing is set', () => {
    expect(readNamesrvConfig({})).toMatchObject({
      config: {
        listenPort: 9876,
        bindAddress: '127.0.0.1',
        kvConfigPath: join(homedir(), 'namesrv', 'kvConfig.json'),
        configStorePath: join(homedir(), 'namesrv', 'namesrv.properties'),
      },
      warnings: [],
    });
  });

  it('keeps live changes in the file it was started from, as Apache does', () => {
    expect(inFile('configStorePath=/elsewhere').config.configStorePath).toBe('namesrv.conf');
    expect(readNamesrvConfig({ options: { configStorePath: '/x' } }).config.configStorePath).toBe('/x');
  });

  it('lets options win over the file', () => {
    const file = { path: 'namesrv.conf', text: 'listenPort=19876' };
    expect(readNamesrvConfig({ file, options: { listenPort: 0 } }).config.listenPort).toBe(0);
  });

  it.each(['enableControllerInNamesrv=true', 'supportActingMaster=true', 'clusterTest=true', 'useTLS=true'])(
    'does not silently ignore %s',
    (text) => {
      expect(() => inFile(text)).toThrow(`namesrv.conf: ${text} is unsupported: `);
    },
  );

  it('accepts the keys of the controller and the thread pools, and says why they mean nothing', () => {
    const { warnings } = inFile('controllerDLegerGroup=g\ndefaultThreadPoolNums=4\nserverWorkerThreads=8');
    expect(warnings).toHaveLength(3);
    expect(warnings.every((warning) => warning.includes('has no effect here'))).toBe(true);
  });

  it('names an unknown key with the nearest known one', () => {
    expect(() => inFile('listenport=1')).toThrow('namesrv.conf: unknown key "listenport"; did you mean listenPort?');
  });
});
