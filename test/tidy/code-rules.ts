import ts from 'typescript';
import { type CodeFile, type Finding, lineAt, walk } from './project.js';
import { isTestFile, roomOf } from './rooms.js';

export const longestFile = 500;
export const longestFunction = 70;

const vagueName = /(Manager|Utils?|Helper|Impl|Wrapper)$/;

/** Everything the house asks of one code file that its own text can show. */
export function checkCode(file: CodeFile): Finding[] {
  const findings: Finding[] = [];
  const report = (rule: string, node: ts.Node, advice: string): void => {
    findings.push({ rule, path: file.path, line: lineAt(file.source, node.getStart()), advice });
  };
  const lines = file.text.split('\n').length - 1;
  if (lines > longestFile) {
    findings.push({ rule: 'file-length', path: file.path, advice: `${lines} lines: split it (limit ${longestFile})` });
  }
  checkTopLevel(file, report);
  walk(file.source, (node) => {
    checkFunctionLength(file, node, report);
    checkTypes(file, node, report);
    checkNames(node, report);
    checkTime(file, node, report);
    checkEnvironment(file, node, report);
  });
  return findings;
}

type Report = (rule: string, node: ts.Node, advice: string) => void;

function checkFunctionLength(file: CodeFile, node: ts.Node, report: Report): void {
  if (!ts.isFunctionLike(node) || !('body' in node) || isSuite(node)) return;
  const lines = lineAt(file.source, node.getEnd()) - lineAt(file.source, node.getStart()) + 1;
  if (lines > longestFunction) {
    report('function-length', node, `${nameOf(node)} has ${lines} lines: split it (limit ${longestFunction})`);
  }
}

/** The callback of `describe` is a list of tests, not one piece of code. */
function isSuite(node: ts.Node): boolean {
  const call = node.parent;
  return ts.isCallExpression(call) && /^describe\b/.test(call.expression.getText());
}

function nameOf(node: ts.SignatureDeclaration): string {
  if (node.name) return node.name.getText();
  const { parent } = node;
  return ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) ? parent.name.getText() : 'this function';
}

function checkTypes(file: CodeFile, node: ts.Node, report: Report): void {
  if (node.kind === ts.SyntaxKind.AnyKeyword) report('any', node, 'use unknown, or the real type');
  const isDefault = ts.isExportAssignment(node) || (node.kind === ts.SyntaxKind.DefaultKeyword && ts.isModifier(node));
  if (isDefault && !file.path.endsWith('.config.js')) report('default-export', node, 'export it by name');
  if (
    ts.isBinaryExpression(node) &&
    node.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword &&
    node.right.getText() === 'Error'
  ) {
    report('instanceof-error', node, 'ask for its code or name: errors of other realms are no instances of Error');
  }
}

function checkNames(node: ts.Node, report: Report): void {
  const isNamed =
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isEnumDeclaration(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isVariableDeclaration(node);
  if (isNamed && node.name && vagueName.test(node.name.getText())) {
    report('vague-name', node.name, `${node.name.getText()} says nothing: name what it owns or does`);
  }
}

const clockCalls = new Set(['Date.now', 'performance.now', 'process.hrtime', 'process.hrtime.bigint', 'Math.random']);
const timerCalls = new Set(['setTimeout', 'setInterval', 'sleep', 'globalThis.setTimeout', 'global.setTimeout']);

function checkTime(file: CodeFile, node: ts.Node, report: Report): void {
  // The sample app is a user's application: it lives in real time.
  if (roomOf(file.path) === 'sample-app') return;
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length) {
    report('clock', node, 'take a Clock and use clock.now()');
  }
  if (ts.isImportDeclaration(node) && /^(node:)?timers/.test(textOf(node.moduleSpecifier))) {
    report('clock', node, 'take a Clock; tests advance a manual one or await an event');
  }
  if (!ts.isCallExpression(node)) return;
  const callee = node.expression.getText();
  if (clockCalls.has(callee)) report('clock', node, `${callee}: take a Clock (or a random source) as a parameter`);
  // With a signal it is a deadline, which ends as soon as what is waited for is there.
  const isSleep = callee === 'pause' && node.arguments[0]?.getText() === 'systemClock' && node.arguments.length < 3;
  if (isSleep && isTestFile(file.path)) {
    report('clock', node, 'a test that sleeps: advance a manual clock or await an event');
  }
  if (timerCalls.has(callee)) {
    const inTest = isTestFile(file.path);
    report('clock', node, inTest ? `${callee}: advance a manual clock or await an event` : `${callee}: take a Clock`);
  }
}

function checkEnvironment(file: CodeFile, node: ts.Node, report: Report): void {
  const room = roomOf(file.path);
  if (isTestFile(file.path) || room === undefined || room === 'src' || room === 'cli' || room === 'sample-app') return;
  if (ts.isPropertyAccessExpression(node) && node.getText() === 'process.env') {
    report('environment', node, 'take the value as an option: only src and cli read the environment');
  }
}

/** Published code loads as CommonJS too, and two applications share a process. */
function checkTopLevel(file: CodeFile, report: Report): void {
  const isLibrary = /^(src|libs)\//.test(file.path);
  if (!isLibrary || isTestFile(file.path)) return;
  for (const statement of file.source.statements) {
    if (ts.isVariableStatement(statement) && !(statement.declarationList.flags & ts.NodeFlags.Const)) {
      if (!statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword)) {
        report('shared-state', statement, 'module-level variables are shared by all applications of a process');
      }
    }
  }
  walk(file.source, (node) => {
    if (ts.isMetaProperty(node)) report('commonjs', node, 'import.meta does not exist in the CommonJS build');
    if (ts.isAwaitExpression(node) && !enclosingFunction(node)) report('commonjs', node, 'no top-level await');
    if (ts.isPropertyDeclaration(node) && isMutableStatic(node)) {
      report('shared-state', node, 'static fields are shared by all applications of a process');
    }
  });
}

function isMutableStatic(node: ts.PropertyDeclaration): boolean {
  const kinds = new Set(node.modifiers?.map(({ kind }) => kind));
  return kinds.has(ts.SyntaxKind.StaticKeyword) && !kinds.has(ts.SyntaxKind.ReadonlyKeyword);
}

function enclosingFunction(node: ts.Node): ts.Node | undefined {
  return ts.findAncestor(node, (ancestor) => ts.isFunctionLike(ancestor));
}

function textOf(node: ts.Expression): string {
  return ts.isStringLiteralLike(node) ? node.text : '';
}
