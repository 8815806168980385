import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { allDeclarations, type Row } from '../../libs/protocol/src/index.js';

interface PageScript {
  readonly protocolPage: (rows: readonly Row[]) => string;
  readonly handlerIndexes: () => readonly { readonly path: string; readonly text: string }[];
  readonly handlerIndex: (fileNames: readonly string[]) => string;
}

const script: string = '../../scripts/generate-protocol.mjs';
const { protocolPage, handlerIndexes, handlerIndex } = (await import(script)) as PageScript;

describe('what npm run generate writes', () => {
  it('docs/protocol.md', () => {
    expect(readFileSync('docs/protocol.md', 'utf8')).toBe(protocolPage(allDeclarations));
  });

  it.each(handlerIndexes().map(({ path, text }) => [path, text] as const))('%s', (path, text) => {
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('lists handlers, not their specs', () => {
    expect(handlerIndex(['b.ts', 'index.ts', 'a.ts', 'a.spec.ts', 'notes.md'])).toBe(
      "export * from './a.js';\nexport * from './b.js';\n",
    );
  });
});
