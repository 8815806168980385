// Writes everything that is generated from the built package. With --check it writes nothing, says what is stale and
// exits with 1.
import { configurationPath, generateConfigurationPage } from './generate-configuration.mjs';
import { generateProtocol } from './generate-protocol.mjs';
import { generateSqlParser, sqlParserPath } from './generate-sql-parser.mjs';
import { generateWasm, wasmPath } from './generate-wasm.mjs';

const check = process.argv.includes('--check');
const stale = (await generateProtocol({ check })).map(({ path }) => path);
if (!generateSqlParser({ check })) stale.push(sqlParserPath);
if (!(await generateWasm({ check }))) stale.push(wasmPath);
if (!(await generateConfigurationPage({ check }))) stale.push(configurationPath);

for (const path of stale) console.log(check ? `${path} is stale: npm run generate` : `${path} written`);
if (check && stale.length > 0) process.exitCode = 1;
