import { createTestbed, type Testbed } from '../../libs/testkit/src/index.js';

/**
 * Runs rounds of kills on a testbed of their own. Files stay on disk when they failed or found faults; an error names the
 * seed, and has the last lines of every program.
 */
export async function reportedRounds<R extends { readonly faults: readonly string[] }>(
  name: string,
  seed: number,
  run: (testbed: Testbed) => Promise<R>,
): Promise<R> {
  const testbed = await createTestbed(name);
  try {
    const report = await run(testbed);
    if (report.faults.length > 0) testbed.keepFiles();
    return report;
  } catch (error) {
    testbed.keepFiles();
    throw new Error(`seed ${seed}: ${String(error)}\n${testbed.report()}`, { cause: error });
  } finally {
    await testbed.close();
  }
}
