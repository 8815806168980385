import { describe, expect, it } from '@jest/globals';
import { BrokerFixture, pull, send } from '../../testkit/src/broker-fixture.js';
import { createBroker } from './broker.js';

describe('createBroker', () => {
  it('listens on a free port, and says which address it is known by', async () => {
    const fixture = await BrokerFixture.open();
    expect(fixture.broker.port).toBeGreaterThan(0);
    expect(fixture.address).toBe(`127.0.0.1:${fixture.broker.port}`);
    expect(fixture.broker.unavailable).toBeUndefined();
    await fixture.close();
    expect(fixture.broker.unavailable).toBe('the store is closed');
  });

  it.each([
    [{ brokerRole: 'SLAVE' as const }, 'brokerRole=SLAVE'],
    [{ brokerRole: 'SYNC_MASTER' as const }, 'brokerRole=SYNC_MASTER'],
    [{ brokerId: 1 }, 'brokerId=1'],
    [{ enableDLegerCommitLog: true }, 'enableDLegerCommitLog=true'],
    [{ enableControllerMode: true }, 'enableControllerMode=true'],
    [{ aclEnable: true }, 'aclEnable=true'],
  ])('does not start with %j', (config, named) => {
    const thrown = expect.objectContaining({ code: 'UNSUPPORTED', message: expect.stringContaining(named) });
    expect(() => createBroker(config)).toThrow(thrown);
  });

  it.each([
    [{ brokerName: 'a/b' }, 'brokerName="a/b"'],
    [{ brokerIP1: 'my-host' }, 'brokerIP1 must be an IP address, not "my-host"'],
    [{ brokerPermission: 9 }, 'brokerPermission must be from 0 to 7'],
  ])('refuses %j and says why', (config, named) => {
    const thrown = expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(named) });
    expect(() => createBroker(config)).toThrow(thrown);
  });

  it('gives its store back when its port is taken', async () => {
    const first = await BrokerFixture.open();
    const config = { listenPort: first.broker.port };
    await expect(BrokerFixture.open({ config })).rejects.toMatchObject({ code: 'LISTEN_FAILED' });
    await first.close();
  });

  it('does not share its store', async () => {
    const first = await BrokerFixture.open();
    const opening = BrokerFixture.open({ directory: first.directory });
    await expect(opening).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await first.close();
  });

  // mkdir of Node with `recursive` would never return from there.
  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux('says where it cannot write, when no directory can be made there', async () => {
    const opening = BrokerFixture.open({ directory: '/proc/nothing/store' });
    const message = expect.stringContaining('cannot write to the store directory /proc/nothing/store: ENOENT');
    await expect(opening).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', message });
  });

  it('hands out after a restart what it stored before', async () => {
    const first = await BrokerFixture.open();
    await send(first.client(), first.address);
    await first.broker.close();
    const second = await BrokerFixture.open({ directory: first.directory });
    const reply = await pull(second.client(), second.address);
    expect(reply.header.maxOffset).toBe(1);
    await second.close();
    await first.close();
  });

  it('advertises what it binds, and binds what it advertises', () => {
    const addressOf = (config: Parameters<typeof createBroker>[0]) =>
      createBroker({ listenPort: 1, ...config }).address;
    expect(addressOf({})).toBe('127.0.0.1:1');
    expect(addressOf({ bindAddress: '10.0.0.1' })).toBe('10.0.0.1:1');
    expect(addressOf({ brokerIP1: '10.0.0.2', bindAddress: '0.0.0.0' })).toBe('10.0.0.2:1');
    expect(addressOf({ brokerIP1: '::1' })).toBe('[::1]:1');
    expect(addressOf({ bindAddress: '0.0.0.0' })).not.toBe('0.0.0.0:1');
  });
});
