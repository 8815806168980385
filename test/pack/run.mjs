// Packs the package as npm would publish it, judges the tarball (publint, attw), installs it in fresh applications of
// Nest 11 (CommonJS) and Nest 12 (ESM), and runs those: template, class and method listener, hosted servers, a
// microservice.
// Usage: node test/pack/run.mjs   Ends with a line "N passed, N failed"; the exit code is 1 when anything failed.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

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

function runApplication(name, tarball) {
  const directory = join(work, name);
  cpSync(join(here, name), directory, { recursive: true });
  const options = ['--no-audit', '--no-fund', '--loglevel=error'];
  if (!step(`${name}: npm install`, 'npm', ['install', ...options, tarball], directory)) return;
  if (!step(`${name}: tsc`, 'npx', ['tsc'], directory)) return;
  step(`${name}: npx nestjs-rocketmq`, 'npx', ['--no-install', 'nestjs-rocketmq', 'store', '--help'], directory);
  for (const program of ['main.js', 'microservice.js']) {
    const { succeeded, stdout, output } = execute('node', [join('dist', program)], directory);
    const checks = [...(stdout ?? '').matchAll(/^(ok|not ok) - (.*)$/gm)];
    for (const [, verdict, check] of checks) report(`${name}: ${check}`, verdict === 'ok', output);
    report(`${name}: ${program} ends by itself`, succeeded && checks.length > 0, output);
  }
}

try {
  const tarball = pack();
  if (tarball) {
    step('publint', 'npx', ['publint', tarball, '--strict']);
    step('attw', 'npx', ['attw', tarball]);
    runApplication('nest11-cjs', tarball);
    runApplication('nest12-esm', tarball);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
