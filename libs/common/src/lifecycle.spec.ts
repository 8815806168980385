import { describe, expect, it } from '@jest/globals';
import { createLifecycle, createLifecycleChain, type Lifecycle } from './lifecycle.js';

function recorded(name: string, log: string[], failing: 'start' | 'close' | 'none' = 'none'): Lifecycle {
  return createLifecycle({
    async start() {
      log.push(`start ${name}`);
      if (failing === 'start') throw new Error(`${name} does not start`);
    },
    async close() {
      log.push(`close ${name}`);
      if (failing === 'close') throw new Error(`${name} does not close`);
    },
  });
}

describe('createLifecycle', () => {
  it('starts and closes once, however often it is asked', async () => {
    const log: string[] = [];
    const part = recorded('a', log);
    expect(part.start()).toBe(part.start());
    await part.start();
    expect(part.close()).toBe(part.close());
    await part.close();
    expect(log).toEqual(['start a', 'close a']);
  });

  it('waits for a start under way before it closes', async () => {
    const log: string[] = [];
    let finish = (): void => undefined;
    const part = createLifecycle({
      start: () => new Promise<void>((resolve) => (finish = resolve)).then(() => void log.push('started')),
      async close() {
        log.push('closed');
      },
    });
    const started = part.start();
    const closed = part.close();
    await Promise.resolve();
    finish();
    await Promise.all([started, closed]);
    expect(log).toEqual(['started', 'closed']);
  });

  it('closes what a failed start had begun, once, and rejects with the reason', async () => {
    const log: string[] = [];
    const part = recorded('a', log, 'start');
    await expect(part.start()).rejects.toThrow('a does not start');
    await part.close();
    expect(log).toEqual(['start a', 'close a']);
  });

  it('ends both when it is closed during a start that then fails', async () => {
    const log: string[] = [];
    const part = recorded('a', log, 'start');
    const started = part.start();
    const closed = part.close();
    await expect(started).rejects.toThrow('a does not start');
    await closed;
    expect(log).toEqual(['start a', 'close a']);
  });

  it('closes without a start, and does not start afterwards', async () => {
    const log: string[] = [];
    const part = recorded('a', log);
    await part.close();
    await expect(part.start()).rejects.toMatchObject({ code: 'CLOSED' });
    expect(log).toEqual(['close a']);
  });

  it('rejects, not throws, when a step throws at once', async () => {
    const fail = (): never => {
      throw new Error('at once');
    };
    const part = createLifecycle({ start: fail, close: async () => undefined });
    await expect(part.start()).rejects.toThrow('at once');
  });
});

describe('createLifecycleChain', () => {
  it('starts in order and stops in reverse', async () => {
    const log: string[] = [];
    const chain = createLifecycleChain(['a', 'b', 'c'].map((name) => recorded(name, log)));
    await chain.start();
    await chain.close();
    expect(log).toEqual(['start a', 'start b', 'start c', 'close c', 'close b', 'close a']);
  });

  it('stops what had started when a later part does not start', async () => {
    const log: string[] = [];
    const chain = createLifecycleChain([recorded('a', log), recorded('b', log, 'start'), recorded('c', log)]);
    await expect(chain.start()).rejects.toThrow('b does not start');
    expect(log.filter((line) => line.startsWith('start'))).toEqual(['start a', 'start b']);
    expect(log.indexOf('close b')).toBeLessThan(log.indexOf('close a'));
  });

  it('closes every part although some fail, and tells', async () => {
    const log: string[] = [];
    const one = createLifecycleChain([recorded('a', log), recorded('b', log, 'close')]);
    await expect(one.close()).rejects.toThrow('b does not close');
    const two = createLifecycleChain([recorded('c', log, 'close'), recorded('d', log, 'close')]);
    await expect(two.close()).rejects.toMatchObject({
      errors: [{ message: 'd does not close' }, { message: 'c does not close' }],
    });
    expect(log).toEqual(['close b', 'close a', 'close d', 'close c']);
  });
});
