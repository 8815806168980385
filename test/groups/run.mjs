// Shared groups of Apache's clients and ours. --full runs every mode and strategy on both brokers, ten minutes each, and a
// group with members of Apache's Go client, which --go runs besides what is run always; --seconds N and --seed N set how
// long, and repeat a run.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    go: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    seed: { type: 'string' },
  },
});
// The short run leaves room for both releases at once.
const workers = values.full ? '1' : '2';
const jest = ['node_modules/jest/bin/jest.js', '--config', 'jest.groups.config.js', '--maxWorkers', workers];
const { status } = spawnSync(
  process.execPath,
  ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', ...jest],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      ...(values.full ? { GROUPS_FULL: '1' } : {}),
      ...(values.go ? { GROUPS_GO: '1' } : {}),
      ...(values.seconds === undefined ? {} : { GROUPS_SECONDS: values.seconds }),
      // One for all: what is asked of which release turns with it.
      GROUPS_SEED: values.seed ?? String(Date.now() % 1_000_000),
    },
  },
);
process.exitCode = status ?? 1;
