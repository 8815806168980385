import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';

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
