// Runs all examples, each as a program of its own, and ends with a line "N passed, N failed".
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { argv, execPath, exit } from 'node:process';

/** At once: much of them is waiting. */
const lanes = 3;

const directory = dirname(argv[1] ?? '.');
const [, , ...wanted] = argv;
const files = readdirSync(directory)
  .filter((name) => /^\d\d-.*\.js$/.test(name) && (wanted.length === 0 || wanted.some((part) => name.includes(part))))
  .sort();
let failed = 0;

/** Shows what it printed when it was asked for by name, or went wrong. */
function run(file: string): Promise<void> {
  const startedAt = performance.now();
  return new Promise((resolve) =>
    execFile(execPath, [join(directory, file)], { timeout: 120_000 }, (error, stdout, stderr) => {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      console.log(`${error === null ? 'ok' : 'not ok'} - ${file.replace('.js', '')} (${seconds} s)`);
      if (error !== null) failed++;
      if (error !== null || wanted.length > 0) console.log(`${stdout}${stderr}`.replace(/^/gm, '  '));
      resolve();
    }),
  );
}

const waiting = [...files];
async function lane(): Promise<void> {
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) await run(file);
}
await Promise.all(Array.from({ length: lanes }, lane));
console.log(`${files.length - failed} passed, ${failed} failed`);
exit(failed === 0 ? 0 : 1);
