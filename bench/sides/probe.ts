import { once } from 'node:events';
import { join } from 'node:path';
import type { LoopReport, ProbeQuestion } from '../load/loop-probe.js';
import type { Bench } from '../runner/benchmark.js';
import { ourBrokerHome, startSide, type BrokerSide } from './broker.js';

/** Our broker with a probe inside that watches its event loop. */
export interface ProbedSide extends BrokerSide {
  ask(question: ProbeQuestion): Promise<LoopReport>;
}

export async function startProbed(bench: Bench): Promise<ProbedSide> {
  const probe = new URL('../load/loop-probe.js', import.meta.url).href;
  const nodeFlags = ['--expose-gc', '--import', probe];
  const home = await ourBrokerHome(join(bench.directory, 'probed'), {}, { nodeFlags, hasChannel: true });
  const side = await startSide(bench, home);
  return Object.assign(side, {
    async ask(question: ProbeQuestion): Promise<LoopReport> {
      const { child } = side.process;
      const answered = once(child, 'message');
      child.send(question);
      const [report] = (await answered) as [LoopReport];
      return report;
    },
  });
}
