import { describe, expect, it } from '@jest/globals';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { readBrokerConfig } from './read-broker-config.js';

function inFile(text: string): ReturnType<typeof readBrokerConfig> {
  return readBrokerConfig({ file: { path: 'broker.conf', text } });
}

describe('readBrokerConfig', () => {
  it('gives a complete configuration when nothing is set', () => {
    const { config, warnings } = readBrokerConfig({});
    expect(config).toMatchObject({
      namesrvAddr: '',
      listenPort: 10911,
      bindAddress: '127.0.0.1',
      brokerIP1: '127.0.0.1',
      brokerName: hostname(),
      storePathRootDir: join(homedir(), 'store'),
    });
    expect(warnings).toEqual([]);
  });

  it('lets the file win over the environment, and options over both, as Apache does', () => {
    const environment = { NAMESRV_ADDR: 'env:9876', OTHER: 'x' };
    const file = { path: 'broker.conf', text: 'namesrvAddr=file:9876\nlistenPort=20911' };
    expect(readBrokerConfig({ environment }).config.namesrvAddr).toBe('env:9876');
    expect(readBrokerConfig({ environment, file }).config.namesrvAddr).toBe('file:9876');
    const { config, items } = readBrokerConfig({ environment, file, options: { namesrvAddr: 'option:9876' } });
    expect([config.namesrvAddr, config.listenPort]).toEqual(['option:9876', 20911]);
    const sources = Object.fromEntries(items.map(({ name, source }) => [name, source]));
    expect(sources).toMatchObject({ namesrvAddr: 'option', listenPort: 'broker.conf', brokerName: undefined });
  });

  it('takes options as numbers, booleans and texts', () => {
    const options = { listenPort: 0, autoCreateTopicEnable: false, brokerName: 'b', defaultTopicQueueNums: '4' };
    expect(readBrokerConfig({ options: { ...options, brokerIP1: undefined } }).config).toMatchObject({
      listenPort: 0,
      autoCreateTopicEnable: false,
      brokerName: 'b',
      defaultTopicQueueNums: 4,
      brokerIP1: '127.0.0.1',
    });
  });

  it('takes 300000 in the misspelt key for entries, and in the right one for bytes', () => {
    const misspelt = inFile('mapedFileSizeConsumeQueue=300000');
    expect(misspelt.config.mappedFileSizeConsumeQueue).toBe(6_000_000);
    expect(misspelt.warnings[0]).toBe(
      'broker.conf: mapedFileSizeConsumeQueue=300000 is taken as entries of 20 bytes, that is 6000000 bytes',
    );
    expect(inFile('mapedFileSizeConsumeQueue=1200').config.mappedFileSizeConsumeQueue).toBe(1200);
    expect(inFile('mappedFileSizeConsumeQueue=300000').config.mappedFileSizeConsumeQueue).toBe(300_000);
  });

  it('names the path really used when a key of the documents would move it', () => {
    const { warnings, items } = inFile('storePathRootDir=/data/store\nstorePathIndex=/fast/index\nabortFile=/x');
    expect(warnings).toEqual([
      "broker.conf: storePathIndex has no effect here: as in Apache's broker it is always /data/store/index",
      "broker.conf: abortFile has no effect here: as in Apache's broker it is always /data/store/abort",
    ]);
    const row = items.find(({ name }) => name === 'storePathConsumeQueue');
    expect(row?.key.noEffect).toContain('/data/store/consumequeue');
  });

  it('understands the spellings of the documents', () => {
    const { config, warnings } = inFile('mapedFileSizeCommitLog=65536\ndeletePhysicFilesInterval=100');
    expect(config.mappedFileSizeCommitLog).toBe(65_536);
    expect(warnings).toContain(
      'broker.conf: deletePhysicFilesInterval is another name of deleteCommitLogFilesInterval',
    );
  });

  it('tidies a list of name servers and refuses what is no address', () => {
    expect(inFile('namesrvAddr=a:9876; b:9876 ;').config.namesrvAddr).toBe('a:9876;b:9876');
    expect(() => inFile('namesrvAddr=a:9876;b')).toThrow(
      'broker.conf: namesrvAddr: "b" is no address; write host:port, as in 127.0.0.1:9876',
    );
  });

  it.each([
    ['brokerRole=SLAVE\nbrokerId=1', 'brokerRole=SLAVE'],
    ['brokerRole=SYNC_MASTER', 'brokerRole=SYNC_MASTER'],
    ['enableDLegerCommitLog=true', 'enableDLegerCommitLog=true'],
    ['aclEnable=true', 'aclEnable=true'],
    ['authenticationEnabled=true', 'authenticationEnabled=true'],
    ['authorizationEnabled=true', 'authorizationEnabled=true'],
    ['useTLS=true', 'useTLS=true'],
    ['tls.server.mode=enforcing', 'tls.server.mode=enforcing'],
    ['tls.server.keyPassword=hunter2', 'tls.server.keyPassword=(hidden)'],
    ['enableControllerMode=true', 'enableControllerMode=true'],
    ['enableSlaveActingMaster=true', 'enableSlaveActingMaster=true'],
    ['inSyncReplicas=2', 'inSyncReplicas=2'],
    ['enableMultiDispatch=true', 'enableMultiDispatch=true'],
    ['storeType=defaultRocksDB', 'storeType=defaultRocksDB'],
    ['fetchNameSrvAddrByDnsLookup=true', 'fetchNameSrvAddrByDnsLookup=true'],
  ])('does not silently ignore %j', (text, shown) => {
    expect(() => inFile(text)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
    expect(() => inFile(text)).toThrow(`broker.conf: ${shown} is unsupported: `);
  });

  it('accepts what means nothing here, and says why', () => {
    const { warnings } = inFile(
      'sendMessageThreadPoolNums=128\ntransientStorePoolEnable=true\nwarmMapedFileEnable=true',
    );
    expect(warnings).toHaveLength(3);
    expect(warnings[0]).toBe(
      'broker.conf: sendMessageThreadPoolNums has no effect here: ' +
        'requests are served by one event loop, there are no thread pools to size',
    );
  });

  it('names every unknown key with the nearest known one', () => {
    expect(() => inFile('brokerNam=x\nnamesrvAdr=y')).toThrow(
      'broker.conf: unknown key "brokerNam"; did you mean brokerName?\n' +
        'broker.conf: unknown key "namesrvAdr"; did you mean namesrvAddr?',
    );
  });
});
