import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkCode } from './tidy/code-rules.js';
import { exceptions } from './tidy/exceptions.js';
import { type CodeFile, type Finding, isCode, isText, listFiles, parseCode, readText } from './tidy/project.js';
import { checkImports, checkReferenced, type Packages } from './tidy/rooms.js';
import { checkPath, checkReadme, checkText } from './tidy/text-rules.js';

// The rules of the house, executed. A finding names the place and what to do; where a rule rightly does not hold, the
// place stands in tidy/exceptions.ts with its reason.

const root = process.cwd();
const paths = listFiles(root);
const known = new Set(paths);
const texts = paths.filter(isText).map((path) => readText(root, path));
const code = texts.filter(({ path }) => isCode(path)).map((file) => parseCode(file, (path) => known.has(path)));

interface Manifest {
  readonly dependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
}

function manifest(path: string): Manifest {
  return JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest;
}

function packages(): Packages {
  const own = manifest('package.json');
  return {
    runtime: new Set([...Object.keys(own.dependencies ?? {}), ...Object.keys(own.peerDependencies ?? {})]),
    development: new Set(Object.keys(own.devDependencies ?? {})),
    sample: new Set(Object.keys(manifest('sample-app/package.json').dependencies ?? {})),
  };
}

/** Files that something outside starts: what package.json and its workspaces name, compiled or not. */
function entryPoints(): Set<string> {
  const manifests = ['package.json', 'sample-app/package.json', '.ci/run', 'tsconfig.json', 'nest-cli.json'];
  const named = manifests
    .filter((path) => known.has(path))
    .flatMap((path) => {
      const prefix = path.startsWith('sample-app/') ? 'sample-app/' : '';
      const text = readFileSync(join(root, path), 'utf8');
      const candidates = text.match(/[\w./@-]+\.(js|mjs|cjs|ts)\b/g) ?? [];
      return candidates.flatMap((candidate) => {
        const local = candidate.replace(/^\.\//, '');
        const source = prefix
          ? `${prefix}${local.replace(/^dist\//, 'src/')}`
          : local.replace(/^dist\/(esm|cjs)\//, '');
        return [source, source.replace(/\.js$/, '.ts')];
      });
    });
  return new Set(named.filter((path) => known.has(path)));
}

function libraries(): string[] {
  return [...new Set(paths.flatMap((path) => /^libs\/([^/]+)\//.exec(path)?.[1] ?? []))];
}

function isExcepted(finding: Finding): boolean {
  return exceptions.some(({ rule, path }) => rule === finding.rule && covers(path, finding.path));
}

function covers(exception: string, path: string): boolean {
  return exception.endsWith('/') ? path.startsWith(exception) : path === exception;
}

function show({ rule, path, line, advice }: Finding): string {
  return `${path}${line === undefined ? '' : `:${line}`} [${rule}] ${advice}`;
}

function expectNone(findings: readonly Finding[]): void {
  expect(findings.filter((finding) => !isExcepted(finding)).map(show)).toEqual([]);
}

function inCode(text: string, path = 'libs/store/src/sample.ts'): CodeFile {
  return parseCode({ path, text }, (target) => known.has(target));
}

describe('the house', () => {
  const inFiles = code.flatMap(checkCode);
  const inTexts = texts.flatMap(checkText);
  const inPaths = paths.flatMap(checkPath);

  it('keeps each file within what its text may hold', () => expectNone(inFiles));

  it('imports along the import table only', () => {
    const declared = packages();
    expectNone(code.flatMap((file) => checkImports(file, declared)));
  });

  it('has no file that nothing reaches', () => {
    const callers = texts.filter(({ path }) => isCode(path) || path === 'package.json' || path.startsWith('.ci/'));
    const strings = callers.map(({ text }) => text.replace(/^(import|export) .*$/gm, '')).join('\n');
    expectNone(checkReferenced(code, entryPoints(), strings));
  });

  it('names files in kebab-case, after what they hold', () => expectNone(inPaths));

  it('speaks of itself alone and leaves nothing unfinished', () => expectNone(inTexts));

  it('explains every library in a README', () => {
    const readmes = new Map(texts.map((file) => [file.path, file]));
    expectNone(libraries().flatMap((library) => checkReadme(library, readmes.get(`libs/${library}/README.md`))));
  });

  it('keeps no exception that is not needed', () => {
    const findings = [...inFiles, ...inTexts, ...inPaths];
    const idle = exceptions.filter((exception) => {
      return !findings.some(({ rule, path }) => rule === exception.rule && covers(exception.path, path));
    });
    expect(idle).toEqual([]);
  });
});

describe('the rules bite', () => {
  it.each([
    ['any', 'export const x: any = 1;'],
    ['default-export', 'export default 1;'],
    ['default-export', 'export default function x() {}'],
    ['vague-name', 'export class QueueManager {}'],
    ['clock', 'export const x = Date.now();'],
    ['clock', 'setTimeout(() => {}, 5);'],
    ['clock', "import { setTimeout as wait } from 'node:timers/promises';\nexport { wait };"],
    ['environment', 'export const x = process.env.HOME;'],
    ['shared-state', 'let count = 0;\nexport const next = () => ++count;'],
    ['shared-state', 'export class X { static count = 0; }'],
    ['commonjs', 'export const here = import.meta.url;'],
    ['instanceof-error', 'export const is = (e: unknown) => e instanceof Error;'],
    ['function-length', `export function long() {\n${'  void 0;\n'.repeat(70)}}`],
    ['file-length', '// line\n'.repeat(501)],
  ])('%s', (rule, text) => {
    expect(checkCode(inCode(text)).map((finding) => finding.rule)).toContain(rule);
  });

  it.each([
    ['store may not call the broker', 'libs/store/src/x.ts', '../../broker/src/index.js'],
    ['store sees only the message codec', 'libs/store/src/x.ts', '../../protocol/src/index.js'],
    ['a library is imported by its index', 'libs/broker/src/x.ts', '../../common/src/clock.js'],
    ['common imports nothing', 'libs/common/src/x.ts', '../../protocol/src/index.js'],
    ['the sample app imports public names', 'sample-app/src/x.ts', '../../src/index.js'],
    ['built-in modules carry node:', 'libs/store/src/x.ts', 'fs'],
    ['a library does not know Nest', 'libs/broker/src/x.ts', '@nestjs/common'],
    ['published code has no test tools', 'libs/broker/src/x.ts', 'fast-check'],
    ['a relative import ends in .js', 'libs/broker/src/x.ts', './broker.ts'],
    ['an import names a file', 'libs/broker/src/x.ts', './nowhere.js'],
  ])('%s', (_name, path, specifier) => {
    expect(checkImports(inCode(`import '${specifier}';`, path), packages())).toHaveLength(1);
  });

  it('finds files that nothing reaches', () => {
    const lonely = inCode('export const x = 1;', 'libs/store/src/lonely.ts');
    expect(checkReferenced([...code, lonely], entryPoints(), '').map(({ path }) => path)).toContain(lonely.path);
  });

  it('finds machine paths, registries and unfinished work', () => {
    const separator = '/';
    const lines = [`cd ${separator}work/main`, `https:${separator}/registry.example.org`, ['TO', 'DO'].join('')];
    expect(checkText({ path: 'x.md', text: lines.join('\n') }).map(({ rule }) => rule)).toEqual([
      'machine-path',
      'registry-host',
      'unfinished',
    ]);
    expect(checkText({ path: 'x.md', text: 'sh $HOME/work/x, ./tmp, network/work' })).toEqual([]);
  });

  it('finds names that are not kebab-case', () => {
    expect(checkPath('libs/store/src/CommitLog.ts')).toHaveLength(1);
    expect(checkPath('libs/store/src/file-utils.ts')).toHaveLength(1);
    expect(checkPath('conf/2m-2s-async/broker-a-s.properties')).toEqual([]);
  });
});
