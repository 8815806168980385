// Records the golden bytes from Apache's own encoders: npm run record
// Needs a JDK, and the jars of rocketmq-tools with what they need: from Maven, or from $ROCKETMQ_JARS/<version>/lib.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { allDeclarations } from '../../dist/esm/libs/protocol/src/index.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const versions = ['4.9.7', '5.3.3'];
const kinds = { headers: ['request', 'reply'], bodies: ['body', 'compressed', 'document'] };
/** Bodies that are no class of Apache's. */
const plainBodies = ['none', 'bytes', 'text'];

function run(command, args, input) {
  const result = spawnSync(command, args, { input, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (result.status !== 0) throw new Error(`${command}: ${result.error ?? result.stderr}`);
  return result.stdout;
}

/** A line for everything that is declared: the words Recorder.java reads. */
function cases() {
  const served = allDeclarations.filter((row) => row.supported);
  const headers = served.flatMap(({ name, code, headerClass = '-', replyClass }) => [
    `request ${name} ${code} ${headerClass}`,
    ...(replyClass === undefined ? [] : [`reply ${name} ${code} ${replyClass}`]),
  ]);
  const labels = served.flatMap(({ requestBody, replyBody }) => [requestBody.label, replyBody.label]);
  const bodies = new Set(labels.map((label) => label.replace(', or none', '')));
  return [...headers, ...[...bodies].filter((name) => !plainBodies.includes(name)).map((name) => `body ${name}`)];
}

function classPath(version, directory) {
  const jars = process.env.ROCKETMQ_JARS;
  if (jars) return join(jars, version, 'lib', '*');
  const pom = join(here, '../interop/maven', version, 'pom.xml');
  const goal = 'org.apache.maven.plugins:maven-dependency-plugin:2.8:copy-dependencies';
  run('mvn', ['-B', '-q', '-f', pom, goal, `-DoutputDirectory=${directory}`, '-DincludeScope=runtime']);
  return join(directory, '*');
}

function record(version, work) {
  const jars = classPath(version, join(work, 'jars'));
  const classes = join(work, 'classes');
  run('javac', ['-nowarn', '-encoding', 'UTF-8', '-cp', jars, '-d', classes, join(here, 'recorder/Recorder.java')]);
  const java = ['-Duser.timezone=UTC', '-Dfile.encoding=UTF-8', '-cp', `${classes}:${jars}`, 'Recorder'];
  const lines = run('java', java, cases().join('\n'))
    .split('\n')
    .filter((line) => line.startsWith('{'));
  mkdirSync(join(here, 'golden', version), { recursive: true });
  const fileOf = (kind) => Object.keys(kinds).find((file) => kinds[file].includes(kind)) ?? 'messages';
  for (const file of ['headers', 'bodies', 'messages']) {
    const own = lines.filter((line) => fileOf(JSON.parse(line).kind) === file);
    writeFileSync(join(here, 'golden', version, `${file}.jsonl`), `${own.join('\n')}\n`);
  }
  console.log(`${lines.length} lines for ${version}`);
}

for (const version of versions) {
  const work = mkdtempSync(join(tmpdir(), 'recorder-'));
  try {
    record(version, work);
  } finally {
    rmSync(work, { recursive: true });
  }
}
