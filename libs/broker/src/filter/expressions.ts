import { messageOf, RocketMQError } from '../../../common/src/index.js';
import { ExpressionType } from '../../../protocol/src/index.js';
import { compileSql, type SqlFilter } from './sql/sql-filter.js';

/** As many as Apache keeps: consumers that send their expression with each pull repeat themselves. */
const mostKept = 100;

export function isTagExpression(type: string | undefined): boolean {
  return type === undefined || type === '' || type === ExpressionType.TAG;
}

/** Of their texts; what they compile to takes some twenty times as much. */
const mostKeptLength = 256 * 1024;

/** Compiled expressions, the latest ones kept; what does not compile is remembered, too. */
export class Expressions {
  private readonly kept = new Map<string, SqlFilter | string>();
  private length = 0;

  /** @throws RocketMQError ARGUMENT_INVALID saying what is wrong with the expression, or its type. */
  compile(text: string, type: string | undefined): SqlFilter {
    if (type !== ExpressionType.SQL92) {
      const shown = JSON.stringify(String(type).slice(0, 64));
      throw new RocketMQError('ARGUMENT_INVALID', `messages are filtered by TAG or SQL92, not by ${shown}`);
    }
    let found = this.kept.get(text);
    if (found === undefined) found = compiled(text);
    this.keep(text, found);
    if (typeof found === 'string') throw new RocketMQError('ARGUMENT_INVALID', found);
    return found;
  }

  private keep(text: string, found: SqlFilter | string): void {
    this.forget(text);
    if (text.length > mostKeptLength) return;
    this.kept.set(text, found);
    this.length += text.length;
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= mostKept && this.length <= mostKeptLength) return;
      this.forget(oldest);
    }
  }

  private forget(text: string): void {
    if (this.kept.delete(text)) this.length -= text.length;
  }
}

function compiled(text: string): SqlFilter | string {
  try {
    return compileSql(text);
  } catch (error) {
    return messageOf(error);
  }
}
