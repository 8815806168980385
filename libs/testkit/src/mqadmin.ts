import { runJava, writeJavaHome } from './java-server.js';
import type { ApacheVersion } from './java-artifacts.js';
import type { Testbed } from './testbed.js';

/**
 * Apache's mqadmin as a process of its own, as an operator runs it. It exits 0 after most failures, so look at what it
 * printed.
 */
export async function runMqadmin(testbed: Testbed, version: ApacheVersion, args: readonly string[]): Promise<string> {
  const home = await testbed.subdirectory(`mqadmin-${version}`);
  await writeJavaHome(home);
  const main = ['org.apache.rocketmq.tools.command.MQAdminStartup', ...args];
  const program = await runJava(testbed, `mqadmin-${version}-${args[0]}`, version, home, main);
  const lines: string[] = [];
  program.onLine((line) => lines.push(line));
  await program.exited;
  return lines.join('\n');
}
