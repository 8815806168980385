import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualClock } from '../../testkit/src/manual-clock.js';
import { AddressServer } from './address-server.js';
import { silentLogger } from './logger.js';
import { addressServerOf, addressServerUrl, isHostAndPort, nameServersOf } from './name-server-source.js';

describe('name servers', () => {
  it('are named by the property before the variable', () => {
    const both = { 'rocketmq.namesrv.addr': 'a:1', NAMESRV_ADDR: 'b:2' };
    expect(nameServersOf(both)).toEqual({ source: 'rocketmq.namesrv.addr', text: 'a:1' });
    expect(nameServersOf({ ...both, 'rocketmq.namesrv.addr': ' ' })).toEqual({ source: 'NAMESRV_ADDR', text: 'b:2' });
    expect(nameServersOf({})).toBeUndefined();
  });

  it.each([
    [{ 'rocketmq.namesrv.domain': 'mq.example' }, undefined, 'http://mq.example:8080/rocketmq/nsaddr'],
    [{ 'rocketmq.namesrv.domain': 'mq:80' }, undefined, 'http://mq:80/rocketmq/nsaddr'],
    [
      { 'rocketmq.namesrv.domain': 'mq', 'rocketmq.namesrv.domain.subgroup': 'blue' },
      'u1',
      'http://mq:8080/rocketmq/blue-u1?nofix=1',
    ],
    [{}, 'u1', undefined],
  ])('are asked for where Java asks: %j unit %s', (environment, unitName, url) => {
    expect(addressServerOf(environment, unitName)).toBe(url);
  });

  it.each([{ domain: 'http://mq' }, { domain: 'a@b' }, { domain: 'mq', subgroup: '../x?y' }])('not at %j', (place) => {
    expect(() => addressServerUrl(place)).toThrow(/of the address server must be/);
  });

  it.each(['a:0', 'a:65536', 'a', 'http://a:1', 'a b:1', ':1'])('are not %s', (text) => {
    expect(isHostAndPort(text)).toBe(false);
  });
});

describe('an address server', () => {
  const clock = createManualClock();
  let http: Server;
  let asked: string[];
  let respond: (response: ServerResponse) => void;
  let told: (readonly string[])[];
  let warnings: string[];
  let addressServer: AddressServer;
  beforeEach(async () => {
    [asked, told, warnings] = [[], [], []];
    http = createServer((request, response) => {
      asked.push(request.url ?? '');
      respond(response);
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/rocketmq/nsaddr`;
    const log = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
    addressServer = new AddressServer({ url, clock, log, onNameServers: (list) => void told.push(list) });
  });
  afterEach(async () => {
    addressServer.close();
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  });

  it('is asked after 10 s and every two minutes', async () => {
    respond = (response) => response.end(' mq1:9876; mq2:9876 ;mq1:9876\r\nmore\n');
    addressServer.start();
    clock.advance(9999);
    expect(asked).toEqual([]);
    for (const wait of [1, 120_000, 120_000]) {
      clock.advance(wait);
      await addressServer.ask();
    }
    expect(asked).toEqual(Array.from({ length: 3 }, () => '/rocketmq/nsaddr'));
    expect(told[2]).toEqual(['mq1:9876', 'mq2:9876']);
    addressServer.close();
    clock.advance(1_000_000);
    expect(clock.timers).toBe(0);
  });

  it.each<[string, (response: ServerResponse) => void, string]>([
    ['a refusal', (response) => response.writeHead(404).end('mq1:9876'), 'it answered with HTTP status 404'],
    ['a redirection', (response) => response.writeHead(302, { location: '/x' }).end(), 'HTTP status 302'],
    ['nothing', (response) => response.end('\n'), 'its answer is empty'],
    ['a page', (response) => response.end('<html>'), 'it names "<html>", which is not host:port'],
    ['too much', (response) => response.end('x'.repeat(70_000)), 'it answered with more than 65536 bytes'],
    [
      'too many',
      (response) => response.end(Array.from({ length: 300 }, (_, i) => `h${i}:1`).join(';')),
      'more than 256',
    ],
    ['an end', (response) => response.destroy(), 'socket hang up'],
  ])('that answers with %s changes nothing, and is warned of once', async (_title, answer, reason) => {
    respond = answer;
    for (let i = 0; i < 2; i++) {
      await expect(addressServer.ask()).rejects.toMatchObject({
        code: 'NAME_SERVER_UNAVAILABLE',
        message: expect.stringContaining(reason),
      });
    }
    expect(told).toEqual([]);
    expect(warnings).toHaveLength(1);
  });

  it('that does not answer is given up after 3 s', async () => {
    const arrived = new Promise<void>((resolve) => (respond = () => resolve()));
    const asking = addressServer.ask();
    await arrived;
    clock.advance(3000);
    await expect(asking).rejects.toThrow('no answer within 3000 ms');
    expect(clock.timers).toBe(0);
  });
});
