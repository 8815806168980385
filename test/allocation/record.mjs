// Records what Apache's allocate strategies answer into java-allocations.json: node test/allocation/record.mjs
// Needs a build (npm run build), a JDK, and the jars: from Maven, or from $ROCKETMQ_JARS/<version>/lib.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import {
  allocationCases,
  allocationRecord,
  allocationStrategies,
} from '../../dist/esm/libs/testkit/src/allocation-cases.js';
import { javaAllocations } from '../../dist/esm/libs/testkit/src/java-allocations.js';

const records = {};
for (const strategy of allocationStrategies) {
  const cases = allocationCases(strategy);
  records[strategy] = allocationRecord(cases, await javaAllocations('5.3.3', cases));
}
const file = fileURLToPath(new URL('java-allocations.json', import.meta.url));
writeFileSync(file, await format(JSON.stringify(records), { parser: 'json', printWidth: 120 }));
