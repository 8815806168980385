import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { ourSqlAnswer, type PropertySet, type SqlAnswer } from '../../libs/testkit/src/sql-cases.js';

// Brokers of both makers filter for one group: each expression has to be a filter for both or for none, and to give the
// same answer for each message. The answers were recorded from Apache's own classes; test/interop asks ten times as many.

interface Recorded {
  readonly propertySets: readonly PropertySet[];
  readonly cases: readonly (readonly [expression: string, answer: SqlAnswer])[];
}

const { propertySets, cases } = JSON.parse(readFileSync('test/sql/java-answers.json', 'utf8')) as Recorded;

describe('SQL92 filters', () => {
  it('answer what Java answers', () => {
    const wrong = cases.flatMap(([expression, java]) => {
      const ours = ourSqlAnswer(expression, propertySets);
      return ours === java ? [] : [{ expression, java, ours }];
    });
    expect(wrong).toEqual([]);
    expect(cases).toHaveLength(500);
  });

  it('were recorded from expressions of every kind', () => {
    const answers = cases.map(([, answer]) => answer).join('');
    for (const letter of 'TFNX') expect(answers).toContain(letter);
    expect(cases.filter(([, answer]) => answer === 'INVALID').length).toBeLessThan(250);
  });
});
