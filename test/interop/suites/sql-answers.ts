import { describe, expect, it } from '@jest/globals';
import { javaSqlAnswers, type ApacheVersion } from '../../../libs/testkit/src/index.js';
import { hasTextOperator, ourSqlAnswer, sqlCases, sqlPropertySets } from '../../../libs/testkit/src/sql-cases.js';

/** 4.9 has no operators on texts: there their names are properties. */
export function describeSqlAnswers(version: ApacheVersion): void {
  describe(`SQL92 filters of Java ${version}`, () => {
    it('answer what ours answer', async () => {
      const sets = sqlPropertySets();
      const all = sqlCases();
      const expressions = version === '4.9.7' ? all.filter((expression) => !hasTextOperator(expression)) : all;
      const answers = await javaSqlAnswers(version, expressions, sets);
      const wrong = expressions.flatMap((expression, i) => {
        const ours = ourSqlAnswer(expression, sets);
        return ours === answers[i] ? [] : [{ expression, java: answers[i], ours }];
      });
      expect(wrong.slice(0, 20)).toEqual([]);
      expect(new Set(answers).size).toBeGreaterThan(500);
    });
  });
}
