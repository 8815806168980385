import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allocateQueues } from '../../libs/client/src/consumer/allocation/index.js';
import {
  allocationCases,
  allocationRecord,
  allocationStrategies,
  casesPerStrategy,
  strategyOf,
  type Allocation,
  type AllocationCase,
  type AllocationRecord,
} from '../../libs/testkit/src/allocation-cases.js';

// Members of one group decide alone, so each strategy has to answer what Java's answers, queue by queue. The answers
// were recorded from Apache's own classes; test/interop asks them again.

const recorded = JSON.parse(readFileSync(join('test/allocation/java-allocations.json'), 'utf8')) as Readonly<
  Record<string, AllocationRecord>
>;

function allocated(given: AllocationCase): Allocation {
  const strategy = strategyOf(given);
  const members = given.members.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return members.map((member) => [
    member,
    allocateQueues(strategy, member, given.queues, given.members).map((queue) => given.queues.indexOf(queue)),
  ]);
}

describe.each(allocationStrategies)('%s', (strategy) => {
  it(`answers in ${casesPerStrategy} cases what Java answers`, () => {
    const cases = allocationCases(strategy);
    expect(allocationRecord(cases, cases.map(allocated))).toEqual(recorded[strategy]);
  });
});
