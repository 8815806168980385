// Node decides a file's module format by the nearest package.json: the CommonJS half needs one of its own.
import { writeFileSync } from 'node:fs';

writeFileSync(new URL('../dist/cjs/package.json', import.meta.url), '{"type":"commonjs"}\n');
