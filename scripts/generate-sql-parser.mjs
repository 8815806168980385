// The parser of SQL92 filters, from its grammar.
import { readFileSync } from 'node:fs';
import peggy from 'peggy';
import { isGenerated } from './generated-file.mjs';

const directory = new URL('../libs/broker/src/filter/sql/', import.meta.url);
export const sqlParserPath = 'libs/broker/src/filter/sql/sql-parser.ts';

const head = `// @ts-nocheck
/* Written by npm run generate, with peggy, from sql92.peggy: change that file. */
import type { SqlParser } from './sql-syntax.js';

export const sqlParser: SqlParser = `;

/** What the file should be. */
export function sqlParserText() {
  const grammar = readFileSync(new URL('sql92.peggy', directory), 'utf8');
  const source = peggy.generate(grammar, { output: 'source', format: 'bare', grammarSource: 'sql92.peggy' });
  const code = source.replace(/^(\s*\/\/[^\n]*\n)+/, '').trim();
  return `${head}${code.replace(/;$/, '')};\n`;
}

/** Writes the file unless it is as it should be, or `check` is set. Returns false when it was not. */
export function generateSqlParser(options) {
  return isGenerated(sqlParserPath, sqlParserText(), options);
}
