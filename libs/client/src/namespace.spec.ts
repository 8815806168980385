import { describe, expect, it } from '@jest/globals';
import { Namespace } from './namespace.js';

describe('Namespace', () => {
  const namespace = new Namespace('shop');

  it.each([
    // What Java's NamespaceUtil makes of them.
    ['orders', 'shop%orders'],
    ['shop%orders', 'shop%orders'],
    ['%RETRY%group', '%RETRY%shop%group'],
    ['%RETRY%shop%group', '%RETRY%shop%group'],
    ['%DLQ%group', '%DLQ%shop%group'],
    ['DEFAULT_PRODUCER', 'shop%DEFAULT_PRODUCER'],
    ['TBW102', 'TBW102'],
    ['rmq_sys_trace', 'rmq_sys_trace'],
    ['CID_RMQ_SYS_x', 'CID_RMQ_SYS_x'],
    ['', ''],
  ])('calls %p %p', (name, full) => {
    expect(namespace.wrap(name)).toBe(full);
  });

  it('leaves every name as it is when there is none', () => {
    const none = new Namespace('');
    const queue = { topic: '%x', brokerName: 'b', queueId: 0 };
    expect([none.wrap('orders'), none.unwrap('%x'), none.wrapQueue(queue)]).toEqual(['orders', '%x', queue]);
  });

  it.each([
    ['shop%orders', 'orders'],
    ['%RETRY%shop%group', '%RETRY%group'],
    ['other%orders', 'other%orders'],
    ['orders', 'orders'],
    ['TBW102', 'TBW102'],
  ])('shows %p as %p', (full, name) => {
    expect(namespace.unwrap(full)).toBe(name);
  });
});
