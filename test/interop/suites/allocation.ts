import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  allocationCases,
  allocationRecord,
  allocationStrategies,
  type AllocationRecord,
} from '../../../libs/testkit/src/allocation-cases.js';
import { javaAllocations, type ApacheVersion } from '../../../libs/testkit/src/index.js';

const file = join('test/allocation/java-allocations.json');

/** The committed answers, to which ours are compared everywhere, are those of this release. */
export function describeAllocation(version: ApacheVersion): void {
  describe(`allocate strategies of Java ${version}`, () => {
    const recorded = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, AllocationRecord>>;
    it.each(allocationStrategies)('%s answers what was recorded', async (strategy) => {
      const cases = allocationCases(strategy);
      expect(allocationRecord(cases, await javaAllocations(version, cases))).toEqual(recorded[strategy]);
    });
  });
}
