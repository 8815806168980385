import { describe, expect, it } from '@jest/globals';
import { Fifo } from './fifo.js';

describe('Fifo', () => {
  it('gives back what was pushed, in order, with pushes in between', () => {
    const fifo = new Fifo<number>();
    fifo.push(1);
    fifo.push(2);
    expect(fifo.peek()).toBe(1);
    expect(fifo.shift()).toBe(1);
    fifo.push(3);
    expect([fifo.shift(), fifo.shift(), fifo.shift()]).toEqual([2, 3, undefined]);
    fifo.push(4);
    expect(fifo.size).toBe(1);
    fifo.clear();
    expect(fifo.peek()).toBeUndefined();
  });
});
