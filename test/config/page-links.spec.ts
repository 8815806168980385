import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const skipped = /(^|\/)(node_modules|dist|golden|\.\w[^/]*)(\/|$)/;

/** Every page of the repository, from its root. */
function pagesIn(room: string): string[] {
  return readdirSync(room, { withFileTypes: true }).flatMap((entry) => {
    const path = join(room, entry.name);
    if (skipped.test(path)) return [];
    if (entry.isDirectory()) return pagesIn(path);
    return path.endsWith('.md') ? [path] : [];
  });
}

/** Blocks and spans of code show how something is written: what looks like a link or a heading there is none. */
function proseOf(page: string): string {
  return readFileSync(page, 'utf8').replaceAll(/^ *```.*?^ *```/gms, '');
}

/** What GitHub makes of a heading. */
function anchorOf(heading: string): string {
  return heading
    .replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-');
}

function anchorsIn(page: string): Set<string> {
  const headings = [...proseOf(page).matchAll(/^#+ +(.+?) *$/gm)].map(([, heading = '']) => anchorOf(heading));
  return new Set(headings);
}

/** Links to files, and to headings in them; what leads out of the repository is not followed. */
function linksOf(page: string): string[] {
  const links = proseOf(page)
    .replaceAll(/`[^`\n]*`/g, '')
    .matchAll(/\]\(([^)\s]+)\)/g);
  return [...links].map(([, target = '']) => target).filter((target) => !/^[a-z]+:/.test(target));
}

/** Why nobody gets there; undefined when one does. */
function problemOf(page: string, target: string): string | undefined {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : normalize(join(dirname(page), decodeURI(path)));
  if (!existsSync(file)) return `${target}: there is no ${file}`;
  if (anchor === undefined) return undefined;
  if (statSync(file).isDirectory() || !file.endsWith('.md')) return undefined;
  return anchorsIn(file).has(anchor) ? undefined : `${target}: ${file} has no such heading`;
}

const pages = pagesIn('.');

describe('links between pages', () => {
  it('are looked for in all of them', () => {
    expect(pages).toEqual(expect.arrayContaining(['README.md', join('docs', 'getting-started.md')]));
    expect(pages.flatMap(linksOf).length).toBeGreaterThan(100);
  });

  it.each(pages)('%s: each leads somewhere', (page) => {
    const problems = linksOf(page).map((target) => problemOf(page, target));
    expect(problems.filter((problem) => problem !== undefined)).toEqual([]);
  });
});
