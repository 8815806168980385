// The long crash runs. Without options what a change has to pass; --full runs everything, --json prints the figures as
// one JSON object instead of tables, --seed N repeats a run. CRASH_IMAGE, as a failed image says, plays it again.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    seed: { type: 'string' },
  },
  allowPositionals: true,
});
const figures = join('.cache', 'crash-figures');
rmSync(figures, { recursive: true, force: true });

const { CRASH_IMAGE } = process.env;
const names = CRASH_IMAGE ? ['long/images'] : positionals;
const { status } = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    '--config',
    'jest.crash.config.js',
    ...names,
  ],
  {
    stdio: ['inherit', values.json ? 2 : 'inherit', 'inherit'],
    env: {
      ...process.env,
      ...(values.full ? { CRASH_FULL: '1' } : {}),
      ...(values.seed === undefined ? {} : { CRASH_SEED: values.seed }),
    },
  },
);
if (values.json) {
  const files = existsSync(figures) ? readdirSync(figures) : [];
  const all = files.map((name) => [name.replace('.json', ''), JSON.parse(readFileSync(join(figures, name), 'utf8'))]);
  console.log(JSON.stringify(Object.fromEntries(all)));
}
process.exitCode = status ?? 1;
