// Records what Apache's rocketmq-filter answers into java-answers.json: node test/sql/record.mjs
// Needs a build (npm run build), a JDK, and the jars: from Maven, or from $ROCKETMQ_JARS/<version>/lib.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { javaSqlAnswers } from '../../dist/esm/libs/testkit/src/java-sql.js';
import { sqlCases, sqlPropertySets } from '../../dist/esm/libs/testkit/src/sql-cases.js';

const propertySets = sqlPropertySets();
const expressions = sqlCases(500);
const answers = await javaSqlAnswers('5.3.3', expressions, propertySets);
const cases = expressions.map((expression, i) => [expression, answers[i]]);
const file = fileURLToPath(new URL('java-answers.json', import.meta.url));
writeFileSync(file, await format(JSON.stringify({ propertySets, cases }), { parser: 'json', printWidth: 120 }));
