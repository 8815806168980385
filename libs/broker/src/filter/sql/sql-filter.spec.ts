import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../../common/src/index.js';
import { compileSql } from './sql-filter.js';

// What Java answers is compared in test/sql; here is what the differences to other dialects and our limits are.

const evaluate = (text: string, properties: Record<string, string> = {}): boolean | null | undefined =>
  compileSql(text).evaluate(new Map(Object.entries(properties)));

describe('an SQL92 filter', () => {
  it.each([
    ['a = 5', { a: '5' }, true],
    ['a = 5', { a: '5.0' }, undefined],
    ['a = 5.0', { a: '5' }, true],
    ['a > 5', {}, null],
    ['NOT (a > 5)', {}, null],
    ['a > 5 OR b = 1', { b: '1' }, true],
    ['a > 5 AND b = 1', { b: '2' }, false],
    ['a = b', {}, true],
    ['5 = a', {}, false],
    ["a IN ('x', 'y')", { a: 'y' }, true],
    ["a NOT IN ('x', 'y')", {}, null],
    ["a CONTAINS 'b'", { a: 'abc' }, true],
    ["a NOT CONTAINS 'b'", {}, false],
    ["a NOT STARTSWITH ''", { a: 'abc' }, false],
    ['a BETWEEN 1 AND 3', { a: '3' }, true],
    ['a NOT BETWEEN 3 AND 1', { a: '2' }, true],
    ['a > b', { a: '10', b: '9' }, true],
    ['a > b', { a: 'x', b: '9' }, undefined],
    ['a = TRUE', { a: 'tRuE' }, true],
    ['TRUE = a', { a: 'true' }, undefined],
    ['a', { a: 'true' }, false],
    ['NOT a = 1', { a: '1' }, false],
    ['a is null -- c\n/* d */ and b Is nOt NuLl', { b: 'x' }, true],
    ['a = 9007199254740993', { a: '9007199254740992' }, false],
    ['a = -2147483648', { a: '-2147483648' }, true],
    ["a = 'it''s'", { a: "it's" }, true],
    ['a = 007', { a: '0' }, true],
    ['a = 1 b = 2', { a: '1' }, true],
    // What is no operator ends the expression, and a property alone is no condition that holds.
    ["a LIKE 'x%'", { a: 'x' }, false],
    ['a + 1 = 2', { a: '1' }, false],
    // A failure before the end of the evaluation is the end of it.
    ['a > 1 OR b = 1', { a: 'x', b: '1' }, undefined],
    ['b = 1 OR a > 1', { a: 'x', b: '1' }, true],
  ] as const)('%s of %j is %s', (text, properties, expected) => {
    expect(evaluate(text, properties as Record<string, string>)).toBe(expected);
    expect(compileSql(text).matches(new Map(Object.entries(properties)))).toBe(expected === true);
  });

  it.each([
    ['', /column 1/],
    ['a >', /column 4/],
    ['a >\n  AND', /line 2, column 3/],
    ["a > 'x'", /'x' cannot be compared by >/],
    ['a > TRUE', /TRUE cannot be compared/],
    ['a BETWEEN 3 AND 1', /BETWEEN 3 AND 1 holds nothing/],
    ['a = NULL', /IS NULL/],
    ["'x'", /neither true nor false/],
    ['-a AND TRUE', /a negative value is neither/],
    ["5 IN ('5')", /IN needs a property/],
    ['a IN (5)', /string/],
    ['a = 9223372036854775808', /more than a long/],
    ['a = 0.0', /outside of what a double holds/],
    ['a = 1 %', /found/],
    ['a = 1 /* c', /found/],
    ['a NOT b', /found/],
  ])('is not %j', (text, problem) => {
    expect(() => compileSql(text)).toThrow(problem);
  });

  it.each([
    ['100,000 open parentheses', '('.repeat(50_000) + 'a=1', /128 parentheses/],
    ['129 parentheses', `${'('.repeat(129)}a=1${')'.repeat(129)}`, /128 parentheses/],
    ['129 times NOT', `${'NOT '.repeat(129)}a`, /128 signs/],
    ['a long chain of comparisons', `a${' IS NULL'.repeat(200)}`, /128 operators/],
    ['more parts than there may be', `a=1${' OR a=1'.repeat(5_000)}`, /10000 parts/],
    ['more items than there may be', `a IN (${Array.from({ length: 10_001 }, () => "''").join()})`, /10000 parts/],
    ['a text of 1 MiB', `a = '${'x'.repeat(1 << 20)}'`, /64 KiB/],
    ['64 KiB of two bytes each', `a = '${'\u00e9'.repeat(40_000)}'`, /64 KiB/],
    ['a comment without end', `a = 1 /*${'*'.repeat(60_000)}`, /found/],
    ['a string without end', `a = '${"''".repeat(30_000)}`, /found/],
    ['signs without end', `a = ${'-'.repeat(60_000)}`, /128 signs/],
    ['comments at every place', `${'/**/'.repeat(10_000)}(`, /found/],
  ])('is refused quickly with %s', (_what, text, problem) => {
    const begun = systemClock.monotonic();
    expect(() => compileSql(text)).toThrow(problem);
    // 30 ms at most on a machine that does nothing else. What looks at a text again and again takes minutes.
    expect(systemClock.monotonic() - begun).toBeLessThan(4_000);
  });

  it('may be as large as its limits: neither compiling nor evaluating needs a deep stack', () => {
    const chain = compileSql(`a=2${' OR a=1'.repeat(3_000)}`);
    expect(chain.evaluate(new Map([['a', '3']]))).toBe(false);
    const nested = compileSql(`${'('.repeat(128)}a=1${')'.repeat(128)}`);
    expect(nested.matches(new Map([['a', '1']]))).toBe(true);
  });
});
