// Records the golden bytes from Apache's own encoders:
//   node test/wire/record.mjs --version 4.9.7 --classpath '/path/to/rocketmq-4.9.7/lib/*'
// Needs a JDK. The class path is any directory with the jars of that version's tools (rocketmq-tools and what it needs).
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const here = fileURLToPath(new URL('.', import.meta.url));
const { values } = parseArgs({ options: { version: { type: 'string' }, classpath: { type: 'string' } } });
if (!values.version || !values.classpath) {
  console.error("usage: node test/wire/record.mjs --version 4.9.7 --classpath '/path/to/lib/*'");
  process.exit(2);
}

function run(command, args, input) {
  const result = spawnSync(command, args, { input, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (result.status !== 0) throw new Error(`${command}: ${result.error ?? result.stderr}`);
  return result.stdout;
}

const { requests, bodies } = JSON.parse(readFileSync(join(here, 'java-classes.json'), 'utf8'));
const cases = Object.entries(requests).flatMap(([name, [code, request, reply]]) => [
  `request ${name} ${code} ${request}`,
  ...(reply === '-' ? [] : [`reply ${name} ${code} ${reply}`]),
]);
const input = [...cases, ...bodies.map((name) => `body ${name}`)].join('\n');

const classes = mkdtempSync(join(tmpdir(), 'recorder-'));
try {
  run('javac', [
    '-nowarn',
    '-encoding',
    'UTF-8',
    '-cp',
    values.classpath,
    '-d',
    classes,
    join(here, 'recorder/Recorder.java'),
  ]);
  const java = ['-Duser.timezone=UTC', '-Dfile.encoding=UTF-8', '-cp', `${classes}:${values.classpath}`, 'Recorder'];
  const lines = run('java', java, input)
    .split('\n')
    .filter((line) => line.startsWith('{'));
  mkdirSync(join(here, 'golden', values.version), { recursive: true });
  const kinds = { headers: ['request', 'reply'], bodies: ['body', 'compressed', 'document'] };
  const fileOf = (kind) => Object.keys(kinds).find((file) => kinds[file].includes(kind)) ?? 'messages';
  for (const file of ['headers', 'bodies', 'messages']) {
    const own = lines.filter((line) => fileOf(JSON.parse(line).kind) === file);
    writeFileSync(join(here, 'golden', values.version, `${file}.jsonl`), `${own.join('\n')}\n`);
  }
  console.log(`${lines.length} lines for ${values.version}`);
} finally {
  rmSync(classes, { recursive: true });
}
