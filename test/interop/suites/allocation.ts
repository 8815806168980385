import { beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  allocationCases,
  allocationRecord,
  allocationStrategies,
  type Allocation,
  type AllocationRecord,
} from '../../../libs/testkit/src/allocation-cases.js';
import { javaAllocations, type ApacheVersion } from '../../../libs/testkit/src/index.js';

const file = join('test/allocation/java-allocations.json');

/** The committed answers, to which ours are compared everywhere, are those of this release. */
export function describeAllocation(version: ApacheVersion): void {
  describe(`allocate strategies of Java ${version}`, () => {
    const recorded = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, AllocationRecord>>;
    const cases = new Map(allocationStrategies.map((strategy) => [strategy, allocationCases(strategy)]));
    // In the order of the cases. Asked at once: a JVM for each strategy would take longer than the answers.
    let answers: readonly Allocation[] = [];
    beforeAll(async () => {
      answers = await javaAllocations(version, [...cases.values()].flat());
    });
    it.each(allocationStrategies)('%s answers what was recorded', (strategy) => {
      const own = cases.get(strategy) ?? [];
      const before = [...cases.values()].slice(0, allocationStrategies.indexOf(strategy)).flat().length;
      expect(allocationRecord(own, answers.slice(before, before + own.length))).toEqual(recorded[strategy]);
    });
  });
}
