import { describe, expect } from '@jest/globals';
import { testSettings } from '../../../libs/testkit/src/index.js';
import { reportingIt, type Arena, type Cluster } from './arena.js';

/** The sample shop on Apache's servers: nothing but NAMESRV_ADDR tells it where to go. */
export function describeSampleShop(
  title: string,
  shop: { readonly arena: () => Arena; readonly cluster: () => Promise<Cluster> },
): void {
  describe(title, () => {
    reportingIt(shop.arena, 'its demo ends well: every handler received what it must', async () => {
      const { nameServer } = await shop.cluster();
      const program = shop.arena().testbed.run({
        name: 'sample-shop',
        command: 'npm',
        args: ['run', '--silent', 'start', '-w', 'sample-app', '--', '--demo'],
        directory: testSettings().root,
        environment: { NAMESRV_ADDR: nameServer.address, PORT: '0', NODE_OPTIONS: undefined },
      });
      const { code } = await program.exited;
      expect({ code, end: code === 0 ? '' : program.tail(30) }).toEqual({ code: 0, end: '' });
    });
  });
}
