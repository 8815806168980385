import { readFileSync, writeFileSync } from 'node:fs';
import { Option } from 'commander';
import type { SendConfig } from '../load/send.js';
import type { Benchmark } from '../runner/benchmark.js';
import { atMost } from '../runner/goal.js';
import { median } from '../runner/statistics.js';
import { ratios } from '../runner/measuring.js';
import { createTopic } from '../sides/broker-admin.js';
import { startSides } from '../sides/broker.js';
import { startEcho } from '../sides/echo.js';
import { cpu, loadFigures, underLoad } from '../sides/load.js';
import { describeSends } from './send-row.js';

/** Ratios of a quiet machine, by row. */
const recordFile = 'bench/smoke.json';
/** Beyond so many times the recorded ratio the run fails: what a mistake costs, not what a busy machine does. */
const guard = 2;

const shared = { topic: 'bench_smoke', queues: 8, connections: 4, inFlight: 256 };
const kinds = [
  { ...shared, serializer: 'JSON', bodySize: 128 },
  { ...shared, serializer: 'JSON', bodySize: 1024 },
  { ...shared, serializer: 'ROCKETMQ', bodySize: 128 },
] as const;

/** What a send costs our broker, in units of what a frame costs a server that only answers, in the same run. */
export const smoke: Benchmark<{ record?: true }> = {
  name: 'smoke',
  summary: 'under a minute: CPU of a send over that of an echoed frame, guarded by the recorded ratio',
  peers: [],
  options: [new Option('--record', `write the ratios to ${recordFile}`)],
  defaults: { measure: 800 },
  async run(bench, { record }) {
    const recorded = JSON.parse(readFileSync(recordFile, 'utf8')) as Record<string, number>;
    const [ours] = await startSides(bench);
    if (ours === undefined) return;
    await createTopic(ours, shared.topic, shared.queues);
    for (const kind of kinds) {
      const echo = await startEcho(bench, kind);
      const title = describeSends(kind);
      const load = { ...kind, topics: [kind.topic], host: '127.0.0.1', warmUp: 300, measure: bench.options.measure };
      const known = recorded[title] ?? NaN;
      const contestants = [ours, echo];
      const samples = await bench.row({
        title,
        contestants,
        figures: loadFigures,
        goals: record ? [] : [atMost(cpu, known, { against: 'echo', never: guard * known })],
        measure: ({ port, pid }) => underLoad('send.js', { ...load, port } satisfies SendConfig, pid),
      });
      const [own, theirs] = contestants.map((contestant) => samples.get(contestant) ?? []);
      recorded[title] = Number(median(ratios(cpu.of, own ?? [], theirs ?? [])).toFixed(1));
    }
    if (record) writeFileSync(recordFile, `${JSON.stringify(recorded, null, 2)}\n`);
  },
};
