import { describe, expect, it } from '@jest/globals';
import { formatAddress, parseAddress } from './index.js';

describe('address', () => {
  it.each([
    ['127.0.0.1:9876', '127.0.0.1', 9876],
    ['mq-1.example.org:1', 'mq-1.example.org', 1],
    ['[::1]:65535', '::1', 65535],
    ['[fe80::1%eth0]:10911', 'fe80::1%eth0', 10911],
  ])('reads %s and writes it back', (text, host, port) => {
    expect(parseAddress(text)).toEqual({ host, port });
    expect(formatAddress(host, port)).toBe(text);
  });

  it.each([
    '',
    'host',
    'host:',
    ':9876',
    'host:0',
    'host:65536',
    'host:9876x',
    '::1:9876',
    '[::1]',
    '[host]:1',
    'a b:1',
    'a:1;b:2',
  ])('refuses %j', (text) => {
    expect(() => parseAddress(text)).toThrow(`${JSON.stringify(text)} is no address; write host:port`);
  });

  it('shows IPv4 behind IPv6 as IPv4', () => {
    expect(formatAddress('::ffff:10.0.0.1', 80)).toBe('10.0.0.1:80');
  });
});
