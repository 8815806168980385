import { describe, expect, it } from '@jest/globals';
import { chooseNameServer } from './name-server-choice.js';

describe('the name server in use', () => {
  const all = { testing: 't:1', option: 'o:1;o:2', environment: 'e:1', hosted: 'h:1', embedded: true };

  it.each([
    [all, 'testing', ['t:1']],
    [{ ...all, testing: undefined }, 'option', ['o:1', 'o:2']],
    [{ ...all, testing: undefined, option: [] }, 'environment', ['e:1']],
    [{ ...all, testing: undefined, option: undefined, environment: ' ; ' }, 'hosted', ['h:1']],
  ])('is the strongest that is named', (sources, source, addresses) => {
    expect(chooseNameServer(sources)).toEqual({ source, addresses });
  });

  it('is hosted when nothing else is named', () => {
    expect(chooseNameServer({ embedded: true })).toEqual({ source: 'embedded' });
  });

  it('is no typing error in the environment', () => {
    expect(() => chooseNameServer({ environment: 'mq1:9876;mq2', embedded: true })).toThrow(
      "RocketMQModule: NAMESRV_ADDR must be 'host:port;host:port' or a list of 'host:port'; it is \"mq1:9876;mq2\"",
    );
  });

  it('is asked for with both ways named', () => {
    expect(() => chooseNameServer({ embedded: false })).toThrow(
      "RocketMQModule: no name server. Give nameServer ('host:9876;host:9876'), set NAMESRV_ADDR, or set embedded: true to host one in this application.",
    );
  });
});
