import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient } from '../../libs/client/src/index.js';
import {
  createTestbed,
  startJavaBroker,
  startJavaNameServer,
  startOurBroker,
  startOurNameServer,
  type ApacheVersion,
  type Testbed,
} from '../../libs/testkit/src/index.js';
import { goProblem } from './go-program.js';
import { combinations, groupSettings, type Combination } from './group-settings.js';
import { until } from '../interop/suites/arena.js';
import { runGroup } from './group-run.js';
import type { Kind } from './members.js';

const settings = groupSettings();
const queueCount = 12;
/** Beside the time it runs: start of the members, the last move, and what is under way at the end. */
const slack = 300_000;

/** All that is asked of groups with members of one release. */
export function describeRelease(version: ApacheVersion): void {
  const isOlder = version === '4.9.7';
  for (const maker of ['ours', 'java'] as const) {
    // Which broker is asked which question turns with the seed; the full run asks all of both.
    const turn = (settings.seed + (isOlder ? 0 : 1)) % 2;
    const isItsTurn = settings.isFull || turn === (maker === 'ours' ? 0 : 1);
    if (isItsTurn) describeGroups(version, maker, combinations(settings), ['java', 'ours']);
  }
  if ((settings.seed % 2 === 0) === isOlder) describeFixed(version);
  if (isOlder && settings.withGo) describeGo();
}

function describeGo(): void {
  const problem = goProblem();
  if (problem === undefined)
    describeGroups('4.9.7', 'ours', [{ mode: 'CONCURRENTLY', strategy: 'AVG' }], ['go', 'java', 'ours']);
  else it.skip(`members of Apache's Go client: ${problem}`, () => undefined);
}

function describeGroups(
  version: ApacheVersion,
  maker: 'java' | 'ours',
  asked: readonly Combination[],
  kinds: readonly Kind[],
): void {
  const who = `members of Apache ${version} and of ours${kinds.includes('go') ? " and of Apache's Go client" : ''}`;
  describe(`${who} on ${maker === 'java' ? "Apache's" : 'our'} broker`, () => {
    let testbed: Testbed;
    let nameServer: string;
    beforeAll(async () => {
      testbed = await createTestbed(`groups-${version}-${maker}-${kinds.length}`);
      const names = await (maker === 'java' ? startJavaNameServer(testbed, version) : startOurNameServer(testbed));
      nameServer = names.address;
      const options = { nameServer, brokerName: 'broker-a', clusterName: 'groups' };
      await (maker === 'java' ? startJavaBroker(testbed, version, options) : startOurBroker(testbed, options));
    }, 120_000);
    afterAll(() => testbed.close(), 60_000);

    it.each(asked)(
      `$strategy, $mode: one owner for each queue, nothing lost (seed ${settings.seed})`,
      async ({ mode, strategy }) => {
        const topic = `groups-${mode}-${strategy}`;
        const group = { nameServer, group: `${topic}-group`, topic, mode, strategy };
        await createTopic(nameServer, topic);
        const { seconds, seed } = settings;
        const mayKill = mode === 'CONCURRENTLY' || settings.isFull;
        const report = await runGroup({ testbed, version, group, queueCount, seconds, seed, mayKill, kinds });
        process.stdout.write(
          `${version} on ${maker}, ${strategy} ${mode}: ${report.sent} sent, ${report.duplicates} came twice; ${report.moves.join(', ')}\n`,
        );
        expect(report.missing).toEqual([]);
        expect(report.outOfOrder).toEqual([]);
      },
      settings.seconds * 1000 + slack,
    );
  });
}

/** A broker that has just started may not be registered yet. */
async function createTopic(nameServer: string, topic: string): Promise<void> {
  const client = createClient({ nameServer });
  await client.start();
  const queues = { readQueues: queueCount, writeQueues: queueCount };
  await until(`topic ${topic}`, () =>
    client.admin.createTopic(topic, queues).then(
      () => true,
      () => false,
    ),
  );
  await client.close();
}

/** Strategies that know beforehand who gets what: nobody comes or goes. */
function describeFixed(version: ApacheVersion): void {
  const brokerName = 'east@broker-a';
  const ids = Array.from({ length: queueCount }, (_, id) => id);
  const configured = { broker: brokerName, queues: { java: ids.slice(0, 5), ours: ids.slice(5) } };
  describe(`a member of Apache ${version} and one of ours that share by what was set`, () => {
    let testbed: Testbed;
    let nameServer: string;
    beforeAll(async () => {
      testbed = await createTestbed(`groups-fixed-${version}`);
      nameServer = (await startOurNameServer(testbed)).address;
      await startOurBroker(testbed, { nameServer, brokerName, clusterName: 'groups' });
    }, 120_000);
    afterAll(() => testbed.close(), 60_000);

    it.each(['CONFIG', 'MACHINE_ROOM'] as const)(
      '%s: one owner for each queue, nothing lost',
      async (strategy) => {
        const topic = `groups-${strategy}`;
        const group = {
          nameServer,
          group: `${topic}-group`,
          topic,
          mode: 'CONCURRENTLY',
          strategy,
          configured,
        } as const;
        await createTopic(nameServer, topic);
        const whole = { seconds: 0, seed: settings.seed, mayKill: false, kinds: ['java', 'ours'] } as const;
        const report = await runGroup({ testbed, version, group, queueCount, ...whole });
        expect(report.missing).toEqual([]);
      },
      slack,
    );
  });
}
