// Records the directories under fixtures/ that Apache's own message store wrote, with records of every kind:
//   node test/store/record-java-stores.mjs [NAME...]
// Needs a JDK, and Maven for the jars (or ROCKETMQ_JARS); run `npm run build && npx tsc -b tsconfig.bench.json` before. Times differ from run to run, so that the bytes do, too.
import { cpSync, existsSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runStorePeer } from '../../dist/esm/libs/testkit/src/java-store.js';

const fixtures = [
  ['java-4-9-7-kinds', '4.9.7', []],
  ['java-5-3-3-kinds', '5.3.3', []],
  ['java-5-3-3-extended', '5.3.3', ['ext', 'crc']],
];
const kept = ['commitlog', 'consumequeue', 'consumequeue_ext', 'index', 'checkpoint'];
const wanted = process.argv.slice(2);

for (const [name, version, options] of fixtures) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const work = await mkdtemp(join(tmpdir(), 'record-store-'));
  await runStorePeer(version, 'write', [{ directory: work, options }]);
  const target = join('test/store/fixtures', name);
  rmSync(target, { recursive: true, force: true });
  for (const part of kept.filter((each) => existsSync(join(work, each))))
    cpSync(join(work, part), join(target, part), { recursive: true });
  await rm(work, { recursive: true });
  console.log(`${target}: recorded with Apache RocketMQ ${String(version)}`);
}
