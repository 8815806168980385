import { join } from 'node:path';

/** What the environment says about a test run. Tests run from the repository's root. */
export interface TestSettings {
  readonly root: string;
  /** Jars resolved once and programs compiled once; ignored by git. */
  readonly cache: string;
  /** ROCKETMQ_JARS: a directory with <version>/lib/*.jar to use instead of asking Maven. */
  readonly jars: string | undefined;
  /** ROCKETMQ_DIST: a finished build to test, instead of compiling the tree. */
  readonly dist: string | undefined;
  /** KEEP_TEST_FILES=1: temporary directories stay after a green run too. */
  readonly keepFiles: boolean;
}

export function testSettings(environment: NodeJS.ProcessEnv = process.env): TestSettings {
  const root = process.cwd();
  return {
    root,
    cache: join(root, '.cache'),
    jars: environment['ROCKETMQ_JARS'] || undefined,
    dist: environment['ROCKETMQ_DIST'] || undefined,
    keepFiles: environment['KEEP_TEST_FILES'] === '1',
  };
}
