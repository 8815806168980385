import { it } from '@jest/globals';
import { runImages } from '../images/image-run.js';
it('x', async () => {
  const t = performance.now();
  const r = await runImages({
    seed: Number(process.env['SEED'] ?? 1),
    lives: Number(process.env['LIVES'] ?? 10),
    imagesPerLife: Number(process.env['IMGS'] ?? 50),
    ...(process.env['ONLY']
      ? { only: { life: Number(process.env['ONLY'].split(':')[0]), image: Number(process.env['ONLY'].split(':')[1]) } }
      : {}),
  });
  process.stdout.write(JSON.stringify(r, null, 1) + '\n' + (performance.now() - t) + ' ms\n');
}, 600000);
