import { describe, expect, it } from '@jest/globals';
import { readClientConfig, splitClientConfig } from './client-settings.js';

const environment = { NAMESRV_ADDR: 'mq1:9876;mq2:9876' };

describe('readClientConfig', () => {
  it('takes name servers from the option, then from NAMESRV_ADDR', () => {
    expect(readClientConfig({}, environment).nameServers).toEqual(['mq1:9876', 'mq2:9876']);
    expect(readClientConfig({ nameServer: 'a:1; b:2;a:1' }, environment).nameServers).toEqual(['a:1', 'b:2']);
    expect(readClientConfig({ nameServer: ['[::1]:9876'] }, environment).nameServers).toEqual(['[::1]:9876']);
  });

  it('takes the property before the variable, and asks an address server when neither is set', () => {
    const domain = { 'rocketmq.namesrv.domain': 'mq.example' };
    const property = { ...environment, ...domain, 'rocketmq.namesrv.addr': 'p:1' };
    expect(readClientConfig({}, property)).toMatchObject({ nameServers: ['p:1'], addressServer: undefined });
    expect(readClientConfig({ nameServer: 'a:1' }, domain)).toMatchObject({ addressServer: undefined });
    const asked = readClientConfig({ unitName: 'u' }, domain);
    expect(asked.nameServers).toEqual([]);
    expect(asked.addressServer).toBe('http://mq.example:8080/rocketmq/nsaddr-u?nofix=1');
  });

  it('says how to give one when there is none', () => {
    expect(() => readClientConfig({}, {})).toThrow(
      expect.objectContaining({
        code: 'NAME_SERVER_UNAVAILABLE',
        message: "No name server is configured. Give nameServer ('host:9876;host:9876') or set NAMESRV_ADDR.",
      }),
    );
  });

  it.each([['localhost'], ['http://mq:9876'], ['mq:0'], ['mq:65536'], ['mq:x']])(
    'refuses the address %p',
    (address) => {
      expect(() => readClientConfig({ nameServer: address }, {})).toThrow(
        /ClientConfig.nameServer must be 'host:port'/,
      );
    },
  );

  it('makes client ids as Java does: DEFAULT becomes unique, a name stays', () => {
    const named = readClientConfig({ clientIP: '10.0.0.1', instanceName: 'shop', unitName: 'u' }, environment);
    expect(named.clientId).toBe('10.0.0.1@shop@u');
    expect(named.stableId).toBe('10.0.0.1@shop@u');
    const unnamed = readClientConfig({ clientIP: '10.0.0.1' }, environment);
    expect(unnamed.clientId).toMatch(new RegExp(`^10\\.0\\.0\\.1@${process.pid}#\\d+$`));
    expect(unnamed.stableId).toBe('10.0.0.1@DEFAULT');
    expect(readClientConfig({}, environment).clientId).not.toBe(readClientConfig({}, environment).clientId);
  });

  it('keeps names that would leave the offsets directory, and unknown options, out', () => {
    expect(() => readClientConfig({ instanceName: '../x' }, environment)).toThrow(/ClientConfig.instanceName must be/);
    expect(() => readClientConfig({ instanceName: '..' }, environment)).toThrow(/ClientConfig.instanceName must be/);
    // It ends the namespace in every name.
    expect(() => readClientConfig({ namespace: 'a%b' }, environment)).toThrow(/ClientConfig.namespace must be letters/);
    const misspelt = { pollNameserverInterval: 5 } as object;
    expect(() => readClientConfig(misspelt, environment)).toThrow(/did you mean pollNameServerInterval\?/);
  });
});

describe('splitClientConfig', () => {
  it('takes the options of client and producer apart', () => {
    const config = { nameServer: 'a:1', producerGroup: 'p', sendMsgTimeout: 5, serializer: 'JSON' as const };
    expect(splitClientConfig<{ producerGroup: string }>(config)).toEqual({
      client: { nameServer: 'a:1', serializer: 'JSON' },
      rest: { producerGroup: 'p', sendMsgTimeout: 5 },
    });
  });
});
