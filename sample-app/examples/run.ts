// Runs all examples, each as a program of its own, and ends with a line "N passed, N failed".
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { argv, execPath, exit } from 'node:process';

const directory = dirname(argv[1] ?? '.');
const [, , ...wanted] = argv;
const files = readdirSync(directory)
  .filter((name) => /^\d\d-.*\.js$/.test(name) && (wanted.length === 0 || wanted.some((part) => name.includes(part))))
  .sort();
let failed = 0;
for (const file of files) {
  const startedAt = performance.now();
  const { status, stdout, stderr } = spawnSync(execPath, [join(directory, file)], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok' : 'not ok'} - ${file.replace('.js', '')} (${seconds} s)`);
  if (status === 0 && wanted.length === 0) continue;
  console.log(`${stdout}${stderr}`.replace(/^/gm, '  '));
  if (status !== 0) failed++;
}
console.log(`${files.length - failed} passed, ${failed} failed`);
exit(failed === 0 ? 0 : 1);
