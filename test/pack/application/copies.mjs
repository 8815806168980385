// Whether `import` and `require` of each entry of the package load one copy. Two would be two classes of one name, of which
// Nest finds the other.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { exports } = require('nestjs-rocketmq/package.json');
for (const entry of Object.keys(exports).filter((entry) => !entry.endsWith('.json'))) {
  const name = `nestjs-rocketmq${entry.slice(1)}`;
  const [imported, required] = [await import(name), require(name)];
  const names = Object.keys(imported);
  const isOne = names.length > 0 && names.every((one) => imported[one] === required[one]);
  console.log(`${isOne ? 'ok' : 'not ok'} - import and require load one copy of ${name}`);
  if (!isOne) process.exitCode = 1;
}
