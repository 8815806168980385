import { describe, expect, it } from '@jest/globals';
import { chooseNameServer } from './name-server-choice.js';

describe('the name server in use', () => {
  const all = {
    testing: 't:1',
    option: 'o:1;o:2',
    environment: { NAMESRV_ADDR: 'e:1', 'rocketmq.namesrv.domain': 'mq' },
    hosted: 'h:1',
    embedded: true,
  };

  it.each([
    [all, 'testing', ['t:1']],
    [{ ...all, testing: undefined }, 'option', ['o:1', 'o:2']],
    [{ ...all, testing: undefined, option: [] }, 'environment', ['e:1']],
    [
      { option: [], environment: { NAMESRV_ADDR: 'e:1', 'rocketmq.namesrv.addr': 'p:1' }, embedded: true },
      'environment',
      ['p:1'],
    ],
    [{ ...all, testing: undefined, option: undefined, environment: { NAMESRV_ADDR: ' ; ' } }, 'hosted', ['h:1']],
  ])('is the strongest that is named', (sources, source, addresses) => {
    expect(chooseNameServer(sources)).toMatchObject({ source, addresses });
  });

  it('is asked for at an address server when no address is given, before one is hosted for it', () => {
    const environment = { 'rocketmq.namesrv.domain': 'mq' };
    const url = 'http://mq:8080/rocketmq/nsaddr';
    expect(chooseNameServer({ environment, embedded: true })).toEqual({ source: 'addressServer', url });
    expect(chooseNameServer({ environment, hosted: 'h:1', embedded: false })).toMatchObject({ source: 'hosted' });
    const wrong = { 'rocketmq.namesrv.domain': 'http://mq' };
    expect(() => chooseNameServer({ environment: wrong, embedded: true })).toThrow(
      'RocketMQModule: the domain of the address server must be host or host:port, not "http://mq"',
    );
  });

  it('is hosted when nothing else is named', () => {
    expect(chooseNameServer({ embedded: true })).toEqual({ source: 'embedded' });
  });

  it('is no typing error in the environment', () => {
    expect(() => chooseNameServer({ environment: { NAMESRV_ADDR: 'mq1:9876;mq2' }, embedded: true })).toThrow(
      "RocketMQModule: NAMESRV_ADDR must be 'host:port;host:port' or a list of 'host:port'; it is \"mq1:9876;mq2\"",
    );
  });

  it('is asked for with both ways named', () => {
    expect(() => chooseNameServer({ embedded: false })).toThrow(
      "RocketMQModule: no name server. Give nameServer ('host:9876;host:9876'), set NAMESRV_ADDR, or set embedded: true to host one in this application.",
    );
  });
});
