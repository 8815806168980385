// Rolling restarts of an application of two instances under load: five rounds, twenty with --full; --rounds N and
// --seed N set how many, and repeat a run. The application is that of the last build.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seed: { type: 'string' },
  },
});
const rounds = values.rounds ?? (values.full ? '20' : '5');
const jest = ['node_modules/jest/bin/jest.js', '--config', 'jest.rolling.config.js', '--runInBand'];
const { status } = spawnSync(
  process.execPath,
  ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', ...jest],
  {
    stdio: 'inherit',
    env: {
      ROCKETMQ_DIST: resolve('dist'),
      ...process.env,
      ROLLING_ROUNDS: rounds,
      ...(values.seed === undefined ? {} : { ROLLING_SEED: values.seed }),
    },
  },
);
process.exitCode = status ?? 1;
