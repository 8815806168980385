import { join } from 'node:path';

/** What the environment says about a test run. Tests run from the repository's root. */
export interface TestSettings {
  readonly root: string;
  /** Jars resolved once and programs compiled once; ignored by git. */
  readonly cache: string;
  /** ROCKETMQ_JARS: a directory with <version>/lib/*.jar to use instead of asking Maven. */
  readonly jars: string | undefined;
  /** The build whose bins are tested. ROCKETMQ_DIST: another one than dist/. */
  readonly dist: string;
  /** KEEP_TEST_FILES=1: temporary directories stay after a green run too. */
  readonly keepFiles: boolean;
}

export function testSettings(environment: NodeJS.ProcessEnv = process.env): TestSettings {
  const root = process.cwd();
  return {
    root,
    cache: join(root, '.cache'),
    jars: environment['ROCKETMQ_JARS'] || undefined,
    dist: environment['ROCKETMQ_DIST'] || join(root, 'dist'),
    keepFiles: environment['KEEP_TEST_FILES'] === '1',
  };
}
