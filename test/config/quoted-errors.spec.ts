import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Shorter pieces of a sentence stand in any source. */
const tellingLength = 12;

function sourcesIn(room: string): string[] {
  return readdirSync(room, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.spec.ts') && !path.includes('testkit'))
    .map((path) => readFileSync(join(room, path), 'utf8'));
}

/** All texts of the product: what `+` joins is one, quotes are as they are printed, and what is said on a condition is said. */
const source = ['src', 'libs']
  .flatMap(sourcesIn)
  .join('\n')
  .replaceAll(/['"`] \+\s*['"`]/g, '')
  .replaceAll("\\'", "'")
  .replaceAll(/\$\{\w+ \? `/g, '');

/** What the page quotes: a line `> ...` each. */
const sentences = [...readFileSync('docs/troubleshooting.md', 'utf8').matchAll(/^> `(.+)`$/gm)].map(
  ([, sentence = '']) => sentence,
);

/** Between the placeholders; what only closes or ends a sentence may belong to the next template. */
function piecesOf(sentence: string): string[] {
  return sentence
    .split(/\{\w+\}/)
    .map((piece) => piece.replace(/^[)\].;:' ]+/, '').replace(/[(['.: ]+$/, ''))
    .filter((piece) => piece !== '');
}

describe('docs/troubleshooting.md', () => {
  it('explains the twenty errors that users meet first, and more', () => {
    expect(sentences.length).toBeGreaterThanOrEqual(20);
    expect(new Set(sentences).size).toBe(sentences.length);
  });

  it.each(sentences)('the code still says: %s', (sentence) => {
    const pieces = piecesOf(sentence);
    expect(pieces.some(({ length }) => length >= tellingLength)).toBe(true);
    expect(pieces.filter((piece) => !source.includes(piece))).toEqual([]);
  });
});
