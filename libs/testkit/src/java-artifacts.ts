import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { testSettings } from './settings.js';

/** Releases of Apache RocketMQ that the tests run against: pinned in test/interop/maven. */
export type ApacheVersion = '4.9.7' | '5.3.3';
/** 5.5.0 has clients and benchmark programs only; spring-2.3.5 is rocketmq-spring's starter with its Spring Boot. */
export type ArtifactVersion = ApacheVersion | '5.5.0' | 'spring-2.3.5';

const run = promisify(execFile);
const copyDependencies = 'org.apache.maven.plugins:maven-dependency-plugin:2.8:copy-dependencies';

/** Directory with all jars of a release. Maven is asked once; afterwards it works offline. */
export async function javaLibrary(version: ArtifactVersion): Promise<string> {
  const settings = testSettings();
  if (settings.jars !== undefined) {
    const library = join(settings.jars, version, 'lib');
    if ((await jarsIn(library)).length === 0) throw new Error(`ROCKETMQ_JARS: no jars in ${library}`);
    return library;
  }
  const pom = join(settings.root, 'test/interop/maven', version, 'pom.xml');
  const digest = createHash('sha256')
    .update(await readFile(pom))
    .digest('hex')
    .slice(0, 12);
  const library = join(settings.cache, 'java', `${version}-${digest}`);
  if ((await jarsIn(library)).length > 0) return library;
  const unfinished = `${library}.${randomUUID()}`;
  const args = ['-B', '-q', '-f', pom, copyDependencies, `-DoutputDirectory=${unfinished}`, '-DincludeScope=runtime'];
  await run('mvn', args).catch((error: unknown) => {
    // Maven remembers a look-up that failed; -U asks again.
    return run('mvn', ['-U', ...args]).catch(() => {
      throw new Error(`Maven cannot resolve ${pom}. These tests need a JDK, Maven and its central repository.`, {
        cause: error,
      });
    });
  });
  await publish(unfinished, library);
  return library;
}

export async function javaClassPath(version: ArtifactVersion): Promise<string> {
  return `${await javaLibrary(version)}/*`;
}

/**
 * Compiles all .java files of `directory`, and `others`, against a release, once per content. Returns the directory of the
 * classes.
 */
export async function compileJava(
  directory: string,
  version: ArtifactVersion,
  others: readonly string[] = [],
): Promise<string> {
  const own = (await readdir(directory)).filter((name) => name.endsWith('.java'));
  const files = [...own.map((name) => join(directory, name)), ...others];
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update(await readFile(file));
  const classes = join(testSettings().cache, 'java', `classes-${version}-${hash.digest('hex').slice(0, 12)}`);
  if ((await entriesOf(classes)).length > 0) return classes;
  const unfinished = `${classes}.${randomUUID()}`;
  await mkdir(unfinished, { recursive: true });
  const options = ['-nowarn', '-proc:none', '-encoding', 'UTF-8', '-d', unfinished];
  await run('javac', [...options, '-cp', await javaClassPath(version), ...files]);
  await publish(unfinished, classes);
  return classes;
}

/** Whole or not at all: an interrupted run leaves nothing that looks complete. */
async function publish(unfinished: string, final: string): Promise<void> {
  await writeFile(join(unfinished, '.complete'), '');
  await rename(unfinished, final).catch(() => rm(unfinished, { recursive: true, force: true }));
}

async function jarsIn(directory: string): Promise<string[]> {
  return (await entriesOf(directory)).filter((name) => name.endsWith('.jar'));
}

function entriesOf(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}
