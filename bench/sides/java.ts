import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { javaLibrary, type ArtifactVersion } from '../../libs/testkit/src/index.js';
import type { Bench, Contestant } from '../runner/benchmark.js';

/** The release that ours is compared with. */
export const javaVersion = '4.9.7';

export const javaContestant: Contestant = javaContestantOf(javaVersion);

export function javaContestantOf(version: ArtifactVersion): Contestant {
  return { name: `Apache ${version}`, version, kind: 'java' };
}

const flags = [
  '-Xms512m',
  '-Xmx512m',
  ...['java.nio', 'sun.nio.ch', 'java.lang', 'java.util'].map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`),
  '--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED',
  '--add-exports=java.base/sun.nio.ch=ALL-UNNAMED',
];

/** Arguments of `java` for a program of Apache's, or of ours over Apache's jars, its logs switched off in `home`. */
export function javaArguments(home: string, jars: string, mainAndArgs: readonly string[], classes?: string): string[] {
  mkdirSync(join(home, 'conf'), { recursive: true });
  const silence = '<configuration><root level="OFF"/></configuration>';
  for (const name of ['logback_broker.xml', 'logback_namesrv.xml', 'logback_tools.xml', 'rmq.client.logback.xml'])
    writeFileSync(join(home, 'conf', name), silence);
  const classPath = [...(classes === undefined ? [] : [classes]), join(jars, '*')].join(':');
  return [...flags, `-Duser.home=${home}`, '-cp', classPath, ...mainAndArgs];
}

/**
 * The folder of Apache's jars when the benchmark shall run beside them, resolved as the interop tests do; undefined where
 * nobody wants them, or where there is no JDK or no Maven and the command line does not insist.
 */
export async function wantedJars(
  bench: Pick<Bench, 'wish'>,
  version: ArtifactVersion = javaVersion,
): Promise<string | undefined> {
  const wish = bench.wish('java');
  if (wish === 'no') return undefined;
  const jars = await javaLibrary(version).catch(() => undefined);
  if (jars === undefined && wish === 'required') {
    throw new Error(
      `no jars of Apache RocketMQ ${version}: a JDK and Maven are needed, or ROCKETMQ_JARS with <version>/lib in it`,
    );
  }
  return jars;
}
