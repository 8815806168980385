import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface TestLink {
  readonly name: string;
  readonly file: string;
}

/** Links of a page in docs/ whose target is a test: their text is the test's name, or a part of it. */
function testLinksOf(page: string): TestLink[] {
  const text = readFileSync(join('docs', page), 'utf8');
  const links = text.matchAll(/\[([^\]]+)\]\(\.\.\/((?:test|src|libs)\/[^)]+\.ts)\)/g);
  return [...links].map(([, name = '', file = '']) => ({ name, file }));
}

/** False as well when there is no such file. */
function isThere({ name, file }: TestLink): boolean {
  try {
    return readFileSync(file, 'utf8').includes(name) || file.endsWith(`/${name}`);
  } catch {
    return false;
  }
}

describe('pages that name tests', () => {
  it.each(['spring-comparison.md'])('%s: each stands where its link leads', (page) => {
    const links = testLinksOf(page);
    expect(links.length).toBeGreaterThan(10);
    expect(links.filter((link) => !isThere(link))).toEqual([]);
  });
});
