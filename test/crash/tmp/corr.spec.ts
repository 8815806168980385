import { it } from '@jest/globals';
import { runCorruption } from '../corruption/corruption-run.js';
it('x', async () => {
  const t = performance.now();
  const r = await runCorruption({
    seed: Number(process.env['SEED'] ?? 1),
    flips: Number(process.env['FLIPS'] ?? 300),
    truncations: 60,
  });
  process.stdout.write(
    JSON.stringify({ ...r, failures: r.failures.slice(0, 40) }, null, 1) +
      '\n' +
      r.failures.length +
      ' ' +
      (performance.now() - t) +
      ' ms\n',
  );
}, 600000);
