import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { ConnectionOptions, ProducerOptions } from '../../src/index.js';

/** Names of the options that an interface of the client's contract declares. */
function optionsOf(file: string, name: string): string[] {
  const text = readFileSync(`libs/client/src/contract/${file}`, 'utf8');
  const body = new RegExp(`export interface ${name}\\b[^{]*\\{(.*?)\\n\\}`, 's').exec(text)?.[1] ?? '';
  return [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, option]) => option as string);
}

describe('pages that explain options', () => {
  it.each([
    ['producer.md', 'producer.ts', 'ProducerConfig'],
    ['producer.md', 'producer.ts', 'SendOptions'],
    ['pull-consumer.md', 'pull-consumer.ts', 'PullConsumerConfig'],
    ['pull-consumer.md', 'pull-consumer.ts', 'PullScheduleConfig'],
    ['pull-consumer.md', 'lite-pull-consumer.ts', 'LitePullConsumerConfig'],
  ])('%s has a row for each option of %s %s', (page, file, name) => {
    const rows: readonly string[] = readFileSync(`docs/${page}`, 'utf8').match(/^\| `\w+` \|/gm) ?? [];
    const options = optionsOf(file, name);
    expect(options.length).toBeGreaterThan(0);
    expect(options.filter((option) => !rows.includes(`| \`${option}\` |`))).toEqual([]);
  });
});

describe('docs/migrating.md', () => {
  const lastCells = readFileSync('docs/migrating.md', 'utf8').match(/\|[^|\n]+\|$/gm) ?? [];
  const named = lastCells.flatMap((cell) => [...cell.matchAll(/`(producer|client)\.(\w+)`/g)]);

  it.each([
    ['producer', new ProducerOptions()],
    ['client', new ConnectionOptions()],
  ])('names options of %s that exist', (part, options) => {
    const names = named.filter(([, room]) => room === part).map(([, , name = '']) => name);
    expect(names.length).toBeGreaterThan(1);
    expect(names.filter((name) => !(name in options))).toEqual([]);
  });
});
