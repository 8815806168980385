import type { CodeFile, Finding, ImportSite } from './project.js';

/** Which library may import which: DESIGN's import table. `src` is the Nest face. */
export const importTable: Readonly<Record<string, readonly string[]>> = {
  common: [],
  protocol: ['common'],
  remoting: ['common', 'protocol'],
  store: ['common', 'protocol/message'],
  namesrv: ['common', 'protocol', 'remoting'],
  broker: ['common', 'protocol', 'remoting', 'store'],
  client: ['common', 'protocol', 'remoting'],
  cli: ['common', 'namesrv', 'broker', 'client', 'store'],
  console: ['common', 'namesrv', 'broker', 'client', 'store'],
  src: ['common', 'protocol', 'remoting', 'store', 'namesrv', 'broker', 'client', 'cli', 'console'],
};

/** Specs may also use the test kit, which itself may use everything. */
const testOnly = 'testkit';

export interface Packages {
  /** Dependencies and peer dependencies of the published package. */
  readonly runtime: ReadonlySet<string>;
  readonly development: ReadonlySet<string>;
  readonly sample: ReadonlySet<string>;
}

/** The room a file stands in: a library's name, `src`, `sample-app`, or undefined for tests, scripts and the like. */
export function roomOf(path: string): string | undefined {
  const library = /^libs\/([^/]+)\//.exec(path)?.[1];
  if (library) return library;
  const top = path.split('/')[0];
  return top === 'src' || top === 'sample-app' ? top : undefined;
}

export function isTestFile(path: string): boolean {
  return path.endsWith('.spec.ts') || path.startsWith('test/') || roomOf(path) === testOnly;
}

export function checkImports(file: CodeFile, packages: Packages): Finding[] {
  return file.imports.flatMap((site) => {
    const advice = site.specifier.startsWith('.') ? relativeAdvice(file, site) : packageAdvice(file, site, packages);
    return advice ? [{ rule: 'imports', path: file.path, line: site.line, advice }] : [];
  });
}

function relativeAdvice(file: CodeFile, { specifier, target }: ImportSite): string | undefined {
  // Build products and generated files are not there in a fresh clone.
  if (/\/dist\//.test(specifier) && !target) return undefined;
  if (!target) return `'${specifier}' names no file of the repository`;
  if (!/\.(js|mjs|json)$/.test(specifier)) return `'${specifier}' needs its file ending (.js)`;
  const from = roomOf(file.path);
  const to = roomOf(target);
  if (from === to || (from === undefined && to !== 'sample-app')) return undefined;
  if (from === 'sample-app') return `the sample app imports public packages only, not '${specifier}'`;
  if (to === undefined || to === 'sample-app') return `'${specifier}' leaves ${from}: only libraries may be imported`;
  if (isTestFile(file.path)) return undefined;
  return roomAdvice(from ?? '', to, target, specifier);
}

function roomAdvice(from: string, to: string, target: string, specifier: string): string | undefined {
  if (to === testOnly) return `'${specifier}': the test kit is for tests only`;
  const allowed = importTable[from];
  if (!allowed) return `${from} has no row in the import table of test/tidy/rooms.ts`;
  // The message codec is a part of protocol with an index of its own.
  const isCodec = target === 'libs/protocol/src/message/index.ts';
  if (isCodec && (allowed.includes('protocol/message') || allowed.includes('protocol'))) return undefined;
  if (!allowed.includes(to)) return `${from} may import ${allowed.join(', ') || 'nothing'}, not ${to} ('${specifier}')`;
  if (target !== `libs/${to}/src/index.ts` && target !== `${to}/index.ts`) {
    return `import ${to} by its index, not '${specifier}'`;
  }
  return undefined;
}

function packageAdvice(file: CodeFile, { specifier }: ImportSite, packages: Packages): string | undefined {
  if (specifier.startsWith('node:')) return undefined;
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  if (roomOf(file.path) === 'sample-app') {
    return packages.sample.has(name) || (isTestFile(file.path) && packages.development.has(name))
      ? undefined
      : `'${specifier}' is no dependency of sample-app/package.json`;
  }
  if (packages.runtime.has(name)) return nestAdvice(file, name);
  const isOwnName = name === 'nestjs-rocketmq' && roomOf(file.path) === undefined;
  if (isOwnName) return undefined;
  if (!packages.development.has(name)) return `'${specifier}' is no dependency (built-in modules are written node:...)`;
  return roomOf(file.path) === undefined || isTestFile(file.path)
    ? undefined
    : `'${specifier}' is a development dependency: not for published code`;
}

/** Only the Nest face knows Nest: servers and client stay usable without it. */
function nestAdvice(file: CodeFile, name: string): string | undefined {
  const room = roomOf(file.path);
  const knowsNest = room === undefined || room === 'src' || room === 'console' || room === testOnly;
  if (!knowsNest && (name.startsWith('@nestjs/') || name === 'reflect-metadata' || name === 'rxjs')) {
    return `${room} does not know Nest: '${name}' belongs in src`;
  }
  return undefined;
}

/** Entry points from outside, and everything that they reach by imports or by a mention of the file's name. */
export function checkReferenced(files: readonly CodeFile[], entries: ReadonlySet<string>, texts: string): Finding[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const published = reach(
    byPath,
    [...entries].filter((path) => !isTestFile(path)),
  );
  const isTool = (path: string): boolean =>
    path.endsWith('.spec.ts') || entries.has(path) || isExample(path) || isProgram(path, texts) || /^[^/]+$/.test(path);
  const tools = files.map((file) => file.path).filter(isTool);
  const anything = reach(byPath, tools);
  return (
    files
      // The compiler finds declarations of untyped packages by itself.
      .filter(({ path }) => !path.endsWith('.d.ts') && !isMentioned(path, texts))
      .flatMap(({ path }) => {
        const isPublished = !isTestFile(path) && /^(src|libs)\//.test(path);
        if ((isPublished ? published : anything).has(path)) return [];
        const advice = anything.has(path)
          ? 'only tests reach this file: move it to test/ or libs/testkit, or use it'
          : 'nothing reaches this file from an entry point (package.json, a spec, a script): use it or delete it';
        return [{ rule: 'unreferenced', path, advice }];
      })
  );
}

/** Run by number, not by name. */
function isExample(path: string): boolean {
  return /^sample-app\/examples\/\d\d-[^/]+$/.test(path);
}

/** Of a packed application: compiled and started by test/pack/run.mjs. */
function isProgram(path: string, texts: string): boolean {
  return path.startsWith('test/pack/') && isMentioned(path, texts);
}

function reach(byPath: ReadonlyMap<string, CodeFile>, roots: readonly string[]): Set<string> {
  const seen = new Set<string>();
  const open = [...roots];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    for (const { target } of byPath.get(path)?.imports ?? []) if (target) open.push(target);
  }
  return seen;
}

/** Programs that are spawned, not imported, are named in the text of what spawns them. */
function isMentioned(path: string, texts: string): boolean {
  if (/^(src|libs\/(?!testkit|cli)[^/]+\/src)\//.test(path)) return false;
  const name = path.split('/').at(-1) ?? path;
  return texts.includes(name) || texts.includes(name.replace(/\.ts$/, '.js'));
}
