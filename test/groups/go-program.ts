import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { testSettings, type ChildProgram, type Testbed } from '../../libs/testkit/src/index.js';

/** Why programs with Apache's Go client cannot run here; undefined when they can. */
export function goProblem(): string | undefined {
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'Go is not installed';
  }
}

/** Compiles go/member.go, which is quick when nothing changed, and runs it. */
export async function runGo(testbed: Testbed, name: string, options: string): Promise<ChildProgram> {
  const { root, cache } = testSettings();
  const program = join(cache, 'go', 'member');
  mkdirSync(join(cache, 'go'), { recursive: true });
  await promisify(execFile)('go', ['build', '-o', program, '.'], { cwd: join(root, 'test/groups/go') });
  return testbed.run({
    name,
    command: program,
    args: [options],
    environment: { NAMESRV_ADDR: undefined },
    abrupt: true,
  });
}
