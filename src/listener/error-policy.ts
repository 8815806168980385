import { ValidateBy } from 'class-validator';
import { type MessageOutcome, outcomeOf, type RocketMQOutcome } from './outcome.js';

/** An error class, as `instanceof` takes it. */
export type ErrorClass = abstract new (...args: never[]) => unknown;

/** What becomes of messages whose handler throws such an error. */
export interface ErrorRule {
  /** The class, subclasses included; or an arrow function that knows the error. */
  readonly error: ErrorClass | { (error: unknown): boolean };
  readonly outcome: RocketMQOutcome;
}

const allowedOutcome = "'ack', 'retry', 'dlq', retryAfter(...) or toDlq(...)";

/** Option decorator: a list of {@link ErrorRule}s. */
export const ErrorRules = (): PropertyDecorator =>
  ValidateBy({
    name: 'errorRules',
    validator: {
      validate: (value) => Array.isArray(value) && value.every(isRule),
      defaultMessage: () => `must be a list of { error: <class or arrow function>, outcome: ${allowedOutcome} }`,
    },
  });

/** Option decorator: an outcome. */
export const PoisonOutcome = (): PropertyDecorator =>
  ValidateBy({
    name: 'outcome',
    validator: {
      validate: (value) => outcomeOf(value) !== undefined,
      defaultMessage: () => `must be ${allowedOutcome}`,
    },
  });

/** By the first rule that fits; undefined when none does. What a rule's function throws means that it does not fit. */
export function outcomeByRules(error: unknown, rules: readonly ErrorRule[] | undefined): MessageOutcome | undefined {
  const rule = rules?.find(({ error: wanted }) => fits(error, wanted));
  return rule && outcomeOf(rule.outcome);
}

function fits(error: unknown, wanted: ErrorRule['error']): boolean {
  try {
    if (isErrorClass(wanted)) return error instanceof wanted;
    return wanted(error);
  } catch {
    return false;
  }
}

/** Arrow functions have no prototype, and every class of errors has one. */
function isErrorClass(wanted: ErrorRule['error']): wanted is ErrorClass {
  return typeof (wanted as { readonly prototype?: unknown }).prototype === 'object';
}

function isRule(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { error, outcome, ...rest } = value as Record<string, unknown>;
  return typeof error === 'function' && outcomeOf(outcome) !== undefined && Object.keys(rest).length === 0;
}
