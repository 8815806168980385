import { RocketMQError } from '../../common/src/index.js';
import { declarationsServedBy, type AnyDeclaration, type Server } from '../../protocol/src/index.js';
import type { AnyHandler } from './handler.js';

/**
 * Compares a server's handlers with what the protocol declares it to serve.
 *
 * @throws RocketMQError ARGUMENT_INVALID naming every request without a handler, with two, or of another server
 */
export function checkHandlers(server: Server, handlers: readonly AnyHandler[]): void {
  const declared = declarationsServedBy(server);
  const counts = new Map(declared.map((declaration) => [declaration.code, 0]));
  const problems: string[] = [];
  for (const { declaration } of handlers as readonly { readonly declaration: AnyDeclaration }[]) {
    const count = counts.get(declaration.code);
    if (count === undefined) problems.push(`${nameOf(declaration)} is not served by a ${server}`);
    else counts.set(declaration.code, count + 1);
  }
  for (const declaration of declared) {
    const count = counts.get(declaration.code) ?? 0;
    if (count === 0) problems.push(`${nameOf(declaration)} has no handler`);
    if (count > 1) problems.push(`${nameOf(declaration)} has ${count} handlers`);
  }
  if (problems.length > 0) throw new RocketMQError('ARGUMENT_INVALID', `${server}: ${problems.join('; ')}`);
}

function nameOf({ name, code }: AnyDeclaration): string {
  return `${name}(${code})`;
}
