import type { Finding, TextFile } from './project.js';

const kebab = /^\.?[a-z0-9]+([.-][a-z0-9]+)*$/;
const conventionalNames = new Set(['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md', 'LICENSE']);
const vagueFile = /(^|-)(manager|utils?|helpers?|impl|wrapper)(\.|$)/;

export function checkPath(path: string): Finding[] {
  const findings: Finding[] = [];
  const names = path.split('/');
  const file = names.at(-1) ?? path;
  const isJava = file.endsWith('.java');
  for (const name of isJava ? names.slice(0, -1) : names) {
    if (!kebab.test(name) && !conventionalNames.has(name)) {
      findings.push({ rule: 'file-name', path, advice: `${name}: names are kebab-case` });
    }
  }
  if (vagueFile.test(file)) findings.push({ rule: 'file-name', path, advice: 'name the one noun it holds' });
  return findings;
}

interface Phrase {
  readonly pattern: RegExp;
  readonly rule: string;
  readonly advice: string;
}

const phrases: readonly Phrase[] = [
  {
    pattern: /(?<![\w.$}/~-])\/(tmp|work|root)(?=[/'"`\s]|$)/,
    rule: 'machine-path',
    advice: 'a path of one machine: take os.tmpdir(), a parameter, or a path relative to the repository',
  },
  {
    pattern: /https?:\/\/[^/\s'"]*(registry|npmmirror|nexus|artifactory)[^/\s'"]*/i,
    rule: 'registry-host',
    advice: 'which registry is used is the business of each machine',
  },
  {
    pattern: /\b(TODO|FIXME|HACK)\b|\bnot (yet )?implemented\b/i,
    rule: 'unfinished',
    advice: 'finish it, or refuse it as unsupported with a reason',
  },
];

export function checkText(file: TextFile): Finding[] {
  return file.text
    .split('\n')
    .flatMap((line, index) =>
      phrases
        .filter(({ pattern }) => pattern.test(line))
        .map(({ rule, advice }) => ({ rule, path: file.path, line: index + 1, advice })),
    );
}

/** A library's README says its purpose, the state it owns and the non-obvious: a heading alone does not. */
export function checkReadme(library: string, readme: TextFile | undefined): Finding[] {
  const path = `libs/${library}/README.md`;
  if (!readme) return [{ rule: 'readme', path, advice: 'missing: purpose, state it owns, the non-obvious' }];
  const prose = readme.text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return prose.join(' ').length >= 120
    ? []
    : [{ rule: 'readme', path, advice: 'says too little: purpose, state, pitfalls' }];
}
