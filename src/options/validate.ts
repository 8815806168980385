import { type ValidationError, validateSync } from 'class-validator';
import { nearest, RocketMQError } from '../../libs/common/src/index.js';
import { isPlain, nestedClass } from './checks.js';

/** Options of a module, a listener or a call are wrong; the message lists every one with its path. */
export class RocketMQOptionsError extends RocketMQError {
  constructor(message: string) {
    super('CONFIG_INVALID', message);
    this.name = 'RocketMQOptionsError';
  }
}

/**
 * Turns plain options into their class and checks all of them.
 *
 * @param where - Whose options these are; the error begins with it.
 * @throws RocketMQOptionsError naming every wrong, missing and unknown option with its path and what is allowed.
 */
export function validateOptions<T extends object>(optionsClass: new () => T, options: unknown, where: string): T {
  const { value, problems } = checkOptions(optionsClass, options);
  if (problems.length > 0) throw optionsError(where, problems);
  return value;
}

/** As {@link validateOptions}, for callers that gather the problems of several places first. */
export function checkOptions<T extends object>(
  optionsClass: new () => T,
  options: unknown,
): { value: T; problems: string[] } {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    return { value: new optionsClass(), problems: [`options must be an object; it is ${shown(options)}`] };
  }
  const value = instantiate(optionsClass, options);
  const errors = validateSync(value, { whitelist: true, forbidNonWhitelisted: true, stopAtFirstError: true });
  const known = Object.getOwnPropertyNames(new optionsClass());
  return { value, problems: errors.flatMap((error) => describe(error, '', known)) };
}

/** Options left undefined keep the default of their class. Values are not copied: classes and loggers are among them. */
function instantiate<T extends object>(optionsClass: new () => T, options: object): T {
  const instance = new optionsClass();
  for (const [name, given] of Object.entries(options) as [string, unknown][]) {
    if (given === undefined) continue;
    const inner = nestedClass(instance, name);
    const value = inner && isPlain(given) ? instantiate(inner, given) : given;
    Object.defineProperty(instance, name, { value, enumerable: true, writable: true, configurable: true });
  }
  return instance;
}

export function optionsError(where: string, problems: readonly string[]): RocketMQOptionsError {
  const count = problems.length === 1 ? 'an option is wrong' : `${problems.length} options are wrong`;
  return new RocketMQOptionsError(`${where}: ${count}:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
}

function describe(error: ValidationError, parent: string, known: readonly string[]): string[] {
  const path = parent + error.property;
  if (error.children && error.children.length > 0) {
    const inner = typeof error.value === 'object' && error.value !== null ? knownNames(error.value) : [];
    return error.children.flatMap((child) => describe(child, `${path}.`, inner));
  }
  const constraints = error.constraints ?? {};
  if ('whitelistValidation' in constraints) {
    const near = nearest(error.property, known);
    return [`${path} is unknown${near ? `; did you mean ${parent}${near}?` : `; known: ${known.join(', ')}`}`];
  }
  if (error.value === undefined) return [`${path} is missing: it ${Object.values(constraints).join(' and ')}`];
  return [`${path} ${Object.values(constraints).join(' and ')}; it is ${shown(error.value)}`];
}

/** The option names of an instance: class fields exist on a fresh one even when they have no default. */
function knownNames(instance: object): string[] {
  const type = instance.constructor as new () => object;
  return Object.getOwnPropertyNames(new type());
}

/** A value as an operator can recognise it: cut, on one line. */
function shown(value: unknown): string {
  if (typeof value === 'function') return `function ${value.name}`;
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
