import { type Lifecycle } from '../../common/src/index.js';
import type { CommandHost } from './command-host.js';

/**
 * Starts `server` and keeps it until SIGINT or SIGTERM, which stops it in order. A second signal does not wait.
 *
 * @returns the exit code.
 * @throws what the start failed with.
 */
export async function serve(server: Lifecycle, bootLine: () => string, host: CommandHost): Promise<number> {
  let isStopping = false;
  const stopped = new Promise<number>((resolve, reject) => {
    host.onStopSignal((signal) => {
      if (isStopping) {
        host.err(`${signal} again: stopped at once\n`);
        return resolve(1);
      }
      isStopping = true;
      server.close().then(() => resolve(0), reject);
    });
  });
  const started = server.start().then(() => {
    if (!isStopping) host.out(`${bootLine()}\n`);
  });
  // A start that fails ends the wait; one that succeeds leaves it to the signal.
  return await Promise.race([stopped, started.then(() => stopped)]);
}
