import type { Clock } from '../../common/src/index.js';
import type { CommandHost } from './command-host.js';
import { bytesText } from './store-print.js';

export interface ProgressLine {
  readonly show: (done: number, total: number) => void;
  /** Takes the line away, so that something else can be printed. */
  clear(): void;
}

/** Bytes, percent and time left on standard error: over and over in one line of a terminal, else a line now and then. */
export function createProgressLine(host: CommandHost, clock: Clock, isShown: boolean): ProgressLine {
  const startedAt = clock.monotonic();
  const interval = host.isErrorTerminal ? 100 : 1000;
  let nextAt = startedAt;
  let isDrawn = false;
  return {
    show(done, total) {
      const now = clock.monotonic();
      if (!isShown || now < nextAt || total <= 0) return;
      nextAt = now + interval;
      const share = Math.min(1, done / total);
      const left = share > 0 ? Math.ceil((((now - startedAt) / share) * (1 - share)) / 1000) : undefined;
      const text = `${bytesText(done)} of ${bytesText(total)}, ${Math.floor(share * 100)} %, ${left ?? '?'} s left`;
      host.err(host.isErrorTerminal ? `\r${text}\u001b[K` : `${text}\n`);
      isDrawn = true;
    },
    clear() {
      if (isDrawn && host.isErrorTerminal) host.err('\r\u001b[K');
      isDrawn = false;
    },
  };
}
