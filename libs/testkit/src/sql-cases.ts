import { compileSql } from '../../broker/src/filter/sql/sql-filter.js';
import { seededRandom } from './seeded-random.js';

/** Properties of one message. */
export type PropertySet = Readonly<Record<string, string>>;

/**
 * What a filter makes of each property set, a letter each: T, F, N (unknown), X (it cannot be worked out: Java throws).
 * INVALID when it is no filter.
 */
export type SqlAnswer = string;

export const sqlCaseCount = 5_000;
/** Text operators are since 5.0. */
export const hasTextOperator = (expression: string): boolean => /contains|startswith|endswith/i.test(expression);

function list(text: string): string[] {
  return text.split('|');
}

/** Values that Java and JavaScript may see in different ways. */
const values = [
  list(`0|1|5|10|-5|+5|007|-0|1.5|-1.5|.5|5.|1e3|1E-2|1f|2D| 7 |7\u00a0|2147483647|2147483648`),
  list(`-2147483649|9223372036854775807|9223372036854775808|-9223372036854775808|9007199254740993|0.1`),
  list(`0.30000000000000004|1e400|-1e400|1e-400|NaN|Infinity|-Infinity|+NaN|0x10|0x1p3|0x.8P+1f`),
  list(`-0X1.8p-1|0x1.00000000000008p0|0x1p-1074|0x1p-1075|1_000|--1|+-1|\u0663|\uff15|\u{1d7d7}|1\u0660`),
  list(`true|TRUE|True|false|x|X|abc|abcabc|it's| |a b|\u4e2d\u6587|\u00e9|NULL|eu|us|\u{1f600}|e|10L|l`),
].flat();
const names = list(`a|b|c|n|m|flag|region|$x|_y|A|KEYS|not1|inn|aVeryLongNameOfAProperty`);

/** The same twenty, always; some names are missing in each. */
export function sqlPropertySets(): PropertySet[] {
  const { pick, chance } = choices(11);
  return Array.from({ length: 20 }, () =>
    Object.fromEntries(names.filter(() => chance(0.7)).map((name) => [name, pick(values)] as const)),
  );
}

/** The same expressions, always: most of them filters, some nearly. */
export function sqlCases(count = sqlCaseCount): string[] {
  const generator = new ExpressionGenerator(7);
  return Array.from({ length: count }, () => generator.next());
}

/** Ours. */
export function ourSqlAnswer(expression: string, sets: readonly PropertySet[]): SqlAnswer {
  let filter;
  try {
    filter = compileSql(expression);
  } catch {
    return 'INVALID';
  }
  return sets
    .map((set) => {
      const value = filter.evaluate(new Map(Object.entries(set)));
      return value === undefined ? 'X' : value === null ? 'N' : value ? 'T' : 'F';
    })
    .join('');
}

interface Choices {
  readonly below: (bound: number) => number;
  readonly pick: <T>(list: readonly T[]) => T;
  readonly chance: (share: number) => boolean;
}

function choices(seed: number): Choices {
  const random = seededRandom(seed);
  const below = (bound: number): number => Math.floor(random() * bound);
  return {
    below,
    pick: (list) => list[below(list.length)] as (typeof list)[number],
    chance: (share) => random() < share,
  };
}

const numbers = [
  list(`0|1|5|7|10|5L|7l|2147483647|2147483648|9007199254740993|9223372036854775807L|1.5|.5|5.|0.1|1e3`),
  list(`1E-2|5.0e+1|2147483648.5|0.30000000000000004`),
].flat();
/** Too large, too small, or two tokens. */
const oddNumbers = list(`9223372036854775808|0.0|0e5|1e400|1e-400|007|0L|1e|1.5L|12ab|0x10|1..5`);
const texts = list(`'x'|'X'|'abc'|'b'|'it''s'|''|''''|'1'|'5'|'true'|'eu'|'\u4e2d\u6587'|' '|'a b'`);
const truths = ['TRUE', 'FALSE', 'true', 'False'];
const operators = ['=', '<>', '>', '>=', '<', '<='];
const blanks = [' ', ' ', ' ', '  ', '\t', '\n', '\r\n', '\f', ' /* c * / */ ', '/**/', ' --c\n', '--\r'];
const oddTokens = [
  list(`AND|OR|NOT|IS|NULL|IN|BETWEEN|(|)|,|=|<|-|+|a|'x'|1|CONTAINS|%|"|'|.|!|==|*|#|\u00e9|/*|--|LIKE`),
  list(`;`),
].flat();

class ExpressionGenerator {
  private readonly choices: Choices;

  constructor(seed: number) {
    this.choices = choices(seed);
  }

  next(): string {
    const { chance, pick, below } = this.choices;
    const text = this.truth(0);
    if (chance(0.8)) return this.cased(text);
    // Nearly right: a token more, fewer or another somewhere, or something behind it.
    const tokens = text.split(' ');
    const at = below(tokens.length + 1);
    const removed = pick([0, 0, 1, 1, 2]);
    const added = chance(0.7) ? [pick(oddTokens)] : [];
    return tokens.toSpliced(at, removed, ...added).join(' ');
  }

  private truth(depth: number): string {
    const { pick, chance } = this.choices;
    const kind =
      depth > 3 ? 'comparison' : pick(['and', 'or', 'not', 'group', 'comparison', 'comparison', 'comparison']);
    switch (kind) {
      case 'and':
      case 'or': {
        const word = ` ${kind.toUpperCase()} `;
        const parts = Array.from({ length: 2 + this.choices.below(3) }, () => this.truth(depth + 1));
        return parts.join(word);
      }
      case 'not':
        return chance(0.7) ? `NOT ( ${this.truth(depth + 1)} )` : `NOT ${this.truth(depth + 1)}`;
      case 'group':
        return `( ${this.truth(depth + 1)} )`;
      default:
        return this.comparison();
    }
  }

  private comparison(): string {
    const { pick, chance } = this.choices;
    const not = chance(0.4) ? 'NOT ' : '';
    switch (
      pick(['plain', 'plain', 'plain', 'order', 'order', 'between', 'in', 'null', 'text', 'text', 'bare', 'chain'])
    ) {
      case 'plain':
        return `${this.operand()} ${pick(['=', '<>'])} ${this.operand()}`;
      case 'order':
        return `${this.comparand()} ${pick(operators)} ${this.comparand()}`;
      case 'between':
        return `${pick(names)} ${not}BETWEEN ${this.comparand()} AND ${this.number()}`;
      case 'in':
        return `${chance(0.97) ? pick(names) : this.operand()} ${not}IN ( ${this.list()} )`;
      case 'null':
        return `${chance(0.9) ? pick(names) : this.operand()} IS ${not}NULL`;
      case 'text':
        return `${chance(0.9) ? pick(names) : this.operand()} ${not}${pick(['CONTAINS', 'STARTSWITH', 'ENDSWITH'])} ${chance(0.95) ? pick(texts) : this.operand()}`;
      case 'bare':
        return chance(0.05) ? pick(texts) : pick([pick(names), pick(truths), 'NULL']);
      default:
        return `${this.comparand()} ${pick(operators)} ${this.comparand()} ${pick(['= TRUE', '<> FALSE', 'IS NULL', `= ${this.operand()}`])}`;
    }
  }

  private list(): string {
    const { pick, below, chance } = this.choices;
    return Array.from({ length: 1 + below(7) }, () => (chance(0.99) ? pick(texts) : this.operand())).join(' , ');
  }

  private number(): string {
    const { pick, chance } = this.choices;
    const sign = pick(['', '', '', '-', '- ', '+', '- -']);
    return sign + (chance(0.98) ? pick(numbers) : pick(oddNumbers));
  }

  /** Mostly what has an order. */
  private comparand(): string {
    const { pick, chance } = this.choices;
    if (chance(0.05)) return this.operand();
    return chance(0.6) ? pick(names) : this.number();
  }

  private operand(): string {
    const { pick, chance } = this.choices;
    if (chance(0.01)) return 'NULL';
    switch (pick(['name', 'name', 'name', 'number', 'number', 'text', 'text', 'truth', 'signed', 'group'])) {
      case 'name':
        return pick(names);
      case 'number':
        return this.number();
      case 'text':
        return pick(texts);
      case 'truth':
        return pick(truths);
      case 'signed':
        return `- ${pick([pick(names), pick(texts), 'TRUE', '( a )'])}`;
      default:
        return `( ${this.operand()} )`;
    }
  }

  /** Words in any case, and blanks of any kind. */
  private cased(text: string): string {
    const { chance, pick } = this.choices;
    const words = chance(0.2)
      ? text.replace(/\b(AND|OR|NOT|IN|IS|NULL|BETWEEN|CONTAINS)\b/g, (word) => this.mixed(word))
      : text;
    return chance(0.2) ? words.replaceAll(' ', () => (chance(0.5) ? pick(blanks) : ' ')) : words;
  }

  private mixed(word: string): string {
    return Array.from(word, (letter) => (this.choices.chance(0.5) ? letter.toLowerCase() : letter)).join('');
  }
}
