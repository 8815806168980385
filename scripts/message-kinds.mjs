// The table of docs/messages.md, from the results of an interop run: which kind of message was seen to work between whom.
// Run after npm run test:interop. With --check it writes nothing and exits with 1 when the page says something else.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { kinds } from '../test/interop/message-kinds.mjs';

const page = fileURLToPath(new URL('../docs/messages.md', import.meta.url));
const results = fileURLToPath(new URL('../.cache/interop.json', import.meta.url));
const [begin, end] = ['<!-- from the interop run: begin -->', '<!-- end -->'];

const releases = ['4.9.7', '5.3.3'];
const columns = [
  { title: 'ours on ours', cell: 'ours, ours', releases },
  ...releases.map((release) => ({ title: `ours on Apache ${release}`, cell: 'ours, java', releases: [release] })),
  ...releases.map((release) => ({ title: `Java ${release} on ours`, cell: 'java, ours', releases: [release] })),
];

/** Status by "release › suite › test". */
function outcomes() {
  const byPlace = new Map();
  for (const { assertionResults } of JSON.parse(readFileSync(results, 'utf8')).testResults) {
    for (const { ancestorTitles, title, status } of assertionResults) {
      const [release, ...suites] = ancestorTitles;
      const place = [release.replace('Apache RocketMQ ', ''), ...suites, title].join(' › ');
      byPlace.set(place, status);
    }
  }
  return byPlace;
}

function cellOf(row, column, seen) {
  const placesOf = (release) => kinds[row][`${column.cell}, ${release}`] ?? kinds[row][column.cell];
  const [reason] = column.releases.map(placesOf).filter((places) => typeof places === 'string');
  if (reason !== undefined) return reason;
  const places = column.releases.flatMap((release) => placesOf(release).map((place) => `${release} › ${place}`));
  if (places.length === 0) throw new Error(`${row}, ${column.title}: no test shows it`);
  for (const place of places) {
    const status = seen.get(place);
    if (status !== 'passed')
      throw new Error(`${row}, ${column.title}: ${place}: ${status ?? 'no such test in the run'}`);
  }
  return 'yes';
}

function table() {
  const seen = outcomes();
  const lines = [
    ['', ...columns.map(({ title }) => title)],
    ['---', ...columns.map(() => '---')],
  ];
  for (const row of Object.keys(kinds)) lines.push([row, ...columns.map((column) => cellOf(row, column, seen))]);
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const text = readFileSync(page, 'utf8');
const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
const written = `${text.slice(0, from)}\n\n${table()}\n\n${text.slice(to)}`;
const plain = (page) => page.replace(/[ -]+/g, ' ');
if (!process.argv.includes('--check')) writeFileSync(page, written);
else if (plain(written) !== plain(text)) {
  console.log('docs/messages.md is stale: node scripts/message-kinds.mjs after npm run test:interop');
  process.exitCode = 1;
}
