import type { Bench } from '../runner/benchmark.js';
import type { Goal } from '../runner/goal.js';
import type { SendConfig } from '../load/send.js';
import type { BrokerSide } from '../sides/broker.js';
import { runChild } from '../sides/child.js';
import { freePages } from '../sides/page-cache.js';
import { loadFigures, underLoad, type LoadSample } from '../sides/load.js';

/** What differs between rows of sends. */
export interface SendKind extends Pick<SendConfig, 'serializer' | 'bodySize' | 'connections' | 'inFlight' | 'batch'> {
  readonly topic: string;
  readonly queues: number;
}

/** Milliseconds after which the JVM's compilers have settled on two cores. */
const settling = 6000;

/** Before the first row: what compiles while it runs is not measured. */
export async function warmSides(sides: readonly BrokerSide[], kind: SendKind): Promise<void> {
  for (const { port } of sides) {
    const config = { host: '127.0.0.1', topics: [kind.topic], ...kind, port, warmUp: 0, measure: settling };
    await runChild('send.js', config satisfies SendConfig);
  }
}

/** Sends to the sides in turn. */
export function sendRow(
  bench: Bench,
  sides: readonly BrokerSide[],
  kind: SendKind,
  goals: readonly Goal<LoadSample>[] = [],
): Promise<unknown> {
  const load = { host: '127.0.0.1', topics: [kind.topic], ...kind, warmUp: 500, measure: bench.options.measure };
  return bench.row({
    title: describeSends(kind),
    contestants: sides,
    figures: loadFigures,
    goals,
    measure: ({ port, pid }) => {
      freePages();
      return underLoad('send.js', { ...load, port } satisfies SendConfig, pid);
    },
  });
}

/** "JSON 1 KiB 4/256": connections and what is in flight over all of them. */
export function describeSends({ serializer, bodySize, connections, inFlight, batch }: SendKind): string {
  const messages = batch === undefined ? describeSize(bodySize) : `${batch} x ${describeSize(bodySize)}`;
  return `${serializer === 'JSON' ? 'JSON' : 'binary'} ${messages} ${connections}/${inFlight}`;
}

export const describeSize = (bytes: number): string => (bytes >= 1024 ? `${bytes / 1024} KiB` : `${bytes} B`);
