import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { compileJava, javaClassPath, type ApacheVersion } from './java-artifacts.js';
import { testSettings } from './settings.js';
import type { PropertySet, SqlAnswer } from './sql-cases.js';

/** What Apache's rocketmq-filter makes of the expressions: test/interop/sql/SqlFilters.java, a line for each. */
export async function javaSqlAnswers(
  version: ApacheVersion,
  expressions: readonly string[],
  sets: readonly PropertySet[],
): Promise<SqlAnswer[]> {
  const classes = await compileJava(join(testSettings().root, 'test/interop/sql'), version);
  const classPath = [classes, await javaClassPath(version)].join(delimiter);
  const input = [sets, ...expressions].map((line) => JSON.stringify(line)).join('\n');
  const options = { input, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, timeout: 60_000 } as const;
  const { status, stdout, stderr } = spawnSync('java', ['-Xmx256m', '-cp', classPath, 'SqlFilters'], options);
  if (status !== 0) throw new Error(`SqlFilters ended with ${status}: ${stderr}`);
  const answers = stdout.split('\n').filter((line) => /^(INVALID|[TFNX]+)$/.test(line));
  if (answers.length !== expressions.length) {
    throw new Error(`${answers.length} answers for ${expressions.length} expressions: ${stderr}`);
  }
  return answers;
}
