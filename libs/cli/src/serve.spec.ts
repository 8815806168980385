import { describe, expect, it } from '@jest/globals';
import { createLifecycle, type Lifecycle } from '../../common/src/index.js';
import { createRecordingHost } from '../../testkit/src/recording-host.js';
import { serve } from './serve.js';

interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

function gate(): Gate {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

function server(log: string[], steps: Partial<Lifecycle> = {}): Lifecycle {
  return createLifecycle({
    start: async () => {
      await steps.start?.();
      log.push('started');
    },
    close: async () => {
      await steps.close?.();
      log.push('closed');
    },
  });
}

describe('serve', () => {
  it('prints the boot line when started, and ends with 0 when stopped in order', async () => {
    const host = createRecordingHost();
    const log: string[] = [];
    const code = serve(server(log), () => 'boot success', host);
    await host.outMatches(/^boot success\n$/);
    expect(log).toEqual(['started']);
    host.signal('SIGTERM');
    expect(await code).toBe(0);
    expect(log).toEqual(['started', 'closed']);
  });

  it('does not wait for the stop after a second signal', async () => {
    const host = createRecordingHost();
    const never = gate();
    const code = serve(server([], { close: () => never.opened }), () => 'up', host);
    await host.outMatches(/up/);
    host.signal('SIGINT');
    host.signal('SIGINT');
    expect(await code).toBe(1);
    expect(host.stderr).toBe('SIGINT again: stopped at once\n');
  });

  it('rejects with what the start failed with', async () => {
    const failing = server([], { start: () => Promise.reject(new Error('port taken')) });
    await expect(serve(failing, () => 'up', createRecordingHost())).rejects.toThrow('port taken');
  });

  it('rejects with what the stop failed with', async () => {
    const host = createRecordingHost();
    const failing = server([], { close: () => Promise.reject(new Error('disk gone')) });
    const code = serve(failing, () => 'up', host);
    await host.outMatches(/up/);
    host.signal('SIGTERM');
    await expect(code).rejects.toThrow('disk gone');
  });

  it('stopped while it starts, closes afterwards and prints no boot line', async () => {
    const host = createRecordingHost();
    const log: string[] = [];
    const begun = gate();
    const code = serve(server(log, { start: () => begun.opened }), () => 'up', host);
    host.signal('SIGTERM');
    begun.open();
    expect(await code).toBe(0);
    expect(log).toEqual(['started', 'closed']);
    expect(host.stdout).toBe('');
  });
});
