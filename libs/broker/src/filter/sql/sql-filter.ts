import { messageOf, RocketMQError } from '../../../../common/src/index.js';
import { truthOf, type PropertySource } from './sql-evaluator.js';
import { sqlParser } from './sql-parser.js';
import { sqlLimits, type SqlNode } from './sql-syntax.js';
import { failed } from './sql-value.js';

/** A compiled filter. */
export interface SqlFilter {
  readonly text: string;
  /** Whether a message is wanted: what is unknown, or cannot be worked out, is not. */
  matches(properties: PropertySource): boolean;
  /** The same without the verdict; undefined where Apache's evaluation throws. */
  evaluate(properties: PropertySource): boolean | null | undefined;
}

/**
 * An SQL92 filter as Apache RocketMQ 5.3.3 understands it, with limits of our own (see sqlLimits).
 *
 * @throws RocketMQError ARGUMENT_INVALID saying what is wrong, and where.
 */
export function compileSql(text: string): SqlFilter {
  if (text.length > sqlLimits.bytes || Buffer.byteLength(text) > sqlLimits.bytes) {
    throw new RocketMQError('ARGUMENT_INVALID', `an SQL92 filter has at most ${sqlLimits.bytes / 1024} KiB`);
  }
  const evaluate = truthOf(parse(text));
  return {
    text,
    matches: (properties) => evaluate(properties) === true,
    evaluate: (properties) => {
      const value = evaluate(properties);
      return value === failed ? undefined : (value as boolean | null);
    },
  };
}

function parse(text: string): SqlNode {
  try {
    return sqlParser.parse(text, { limits: sqlLimits });
  } catch (error) {
    const { line, column } = placeOf(error);
    throw new RocketMQError('ARGUMENT_INVALID', `no SQL92 filter, line ${line}, column ${column}: ${messageOf(error)}`);
  }
}

function placeOf(error: unknown): { line: number; column: number } {
  const { location } = error as { location?: { start?: { line: number; column: number } } };
  return location?.start ?? { line: 1, column: 1 };
}
