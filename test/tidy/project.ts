import { readFileSync, readdirSync } from 'node:fs';
import { extname, join, posix } from 'node:path';
import ts from 'typescript';

/** A text file of the repository; `path` is relative to its root, with forward slashes. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** A TypeScript or JavaScript file, parsed. */
export interface CodeFile extends TextFile {
  readonly source: ts.SourceFile;
  readonly imports: readonly ImportSite[];
}

export interface ImportSite {
  readonly specifier: string;
  readonly line: number;
  /** The imported file, when the specifier is relative and the file is there. */
  readonly target: string | undefined;
}

/** What a rule has to say about a place, and what to do about it. */
export interface Finding {
  readonly rule: string;
  readonly path: string;
  readonly line?: number;
  readonly advice: string;
}

const skippedDirectories = new Set(['node_modules', 'dist', '.git', 'coverage', '.cache', '.rocketmq']);
const skippedPaths = new Set(['bench/results', 'LICENSE']);
const textExtensions = new Set(
  '.ts .mts .js .mjs .cjs .json .md .java .conf .properties .sh .yml .yaml .html .css .txt'.split(' '),
);
const codeExtensions = new Set(['.ts', '.mts', '.js', '.mjs', '.cjs']);

/** All files that belong to the repository, as paths. */
export function listFiles(root: string, under = ''): string[] {
  const paths: string[] = [];
  for (const entry of readdirSync(join(root, under), { withFileTypes: true })) {
    const path = posix.join(under, entry.name);
    if (skippedPaths.has(path)) continue;
    if (entry.isDirectory() && !skippedDirectories.has(entry.name)) paths.push(...listFiles(root, path));
    if (entry.isFile() && !/\.(tsbuildinfo|tgz)$|^package-lock\.json$/.test(entry.name)) paths.push(path);
  }
  return paths.sort();
}

export function isText(path: string): boolean {
  return textExtensions.has(extname(path)) || path === '.ci/run' || path.startsWith('.ci/');
}

export function isCode(path: string): boolean {
  return codeExtensions.has(extname(path));
}

export function readText(root: string, path: string): TextFile {
  return { path, text: readFileSync(join(root, path), 'utf8') };
}

/** Parses `file`; `exists` tells which paths of the repository there are. */
export function parseCode(file: TextFile, exists: (path: string) => boolean): CodeFile {
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true);
  const imports = specifiersOf(source).map(({ specifier, position }) => ({
    specifier,
    line: lineAt(source, position),
    target: specifier.startsWith('.') ? targetOf(file.path, specifier, exists) : undefined,
  }));
  return { ...file, source, imports };
}

export function lineAt(source: ts.SourceFile, position: number): number {
  return source.getLineAndCharacterOfPosition(position).line + 1;
}

/** Visits every node below `node`, parents first. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  ts.forEachChild(node, (child) => {
    visit(child);
    walk(child, visit);
  });
}

function specifiersOf(source: ts.SourceFile): { specifier: string; position: number }[] {
  const found: { specifier: string; position: number }[] = [];
  const add = (node: ts.Node | undefined): void => {
    if (node && ts.isStringLiteralLike(node)) found.push({ specifier: node.text, position: node.getStart() });
  };
  walk(source, (node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node.moduleSpecifier);
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0]);
  });
  return found;
}

/** A script imports the compiled `dist/<format>/x.js`; the source it stands for is x.ts. */
function targetOf(from: string, specifier: string, exists: (path: string) => boolean): string | undefined {
  const path = posix.join(posix.dirname(from), specifier).replace(/^dist\/(esm|cjs)\//, '');
  return [path, path.replace(/\.js$/, '.ts'), path.replace(/\.mjs$/, '.mts')].find(exists);
}
