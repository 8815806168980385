import { RocketMQError, nearest } from '../../common/src/index.js';

interface Range {
  readonly min: number;
  readonly max: number;
}

/**
 * Reads one options object and gathers everything that is wrong with it, so that a user sees all mistakes at once.
 * `finish` throws when there were any.
 */
export class OptionReader<T extends object> {
  readonly #problems: string[] = [];
  readonly #known = new Set<string>();

  constructor(
    /** How messages call the object: "ProducerConfig". */
    private readonly what: string,
    private readonly given: T,
  ) {}

  integer(name: keyof T & string, fallback: number, range: Range): number {
    const value = this.#read(name);
    if (value === undefined) return fallback;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= range.min && value <= range.max)
      return value;
    this.problem(name, `must be a whole number from ${range.min} to ${range.max}`, value);
    return fallback;
  }

  /** A list of whole numbers, each within the range. */
  wholeNumbers(name: keyof T & string, fallback: readonly number[], range: Range): readonly number[] {
    const value = this.#read(name);
    if (value === undefined) return fallback;
    const isWithin = (item: unknown): boolean =>
      typeof item === 'number' && Number.isSafeInteger(item) && item >= range.min && item <= range.max;
    if (Array.isArray(value) && value.every(isWithin)) return value as readonly number[];
    this.problem(name, `must be a list of whole numbers from ${range.min} to ${range.max}`, value);
    return fallback;
  }

  boolean(name: keyof T & string, fallback: boolean): boolean {
    const value = this.#read(name);
    if (value === undefined || typeof value === 'boolean') return value ?? fallback;
    this.problem(name, 'must be true or false', value);
    return fallback;
  }

  oneOf<V extends string>(name: keyof T & string, fallback: V, allowed: readonly V[]): V {
    const value = this.#read(name);
    if (value === undefined) return fallback;
    const match = allowed.find((candidate) => candidate === value);
    if (match === undefined) this.problem(name, `must be one of ${allowed.join(', ')}`, value);
    return match ?? fallback;
  }

  /** A text that passes `check`, which returns what is wrong with it. */
  text(
    name: keyof T & string,
    fallback: string,
    check: (value: string) => string | undefined = () => undefined,
  ): string {
    const value = this.#read(name);
    if (value === undefined) return fallback;
    if (typeof value !== 'string') {
      this.problem(name, 'must be a text', value);
      return fallback;
    }
    const problem = check(value);
    if (problem !== undefined) this.problem(name, problem, value);
    return value;
  }

  /** Marks a name as known and returns its value as it is. */
  value<K extends keyof T & string>(name: K): T[K] {
    this.#known.add(name);
    return this.given[name];
  }

  problem(name: string, wanted: string, value?: unknown): void {
    const shown = value === undefined ? '' : `, not ${show(value)}`;
    this.#problems.push(`${this.what}.${name} ${wanted}${shown}`);
  }

  /** @throws RocketMQError ARGUMENT_INVALID with one line per mistake. */
  finish(): void {
    for (const name of Object.keys(this.given)) {
      if (this.#known.has(name)) continue;
      const near = nearest(name, [...this.#known]);
      this.#problems.push(`${this.what}.${name} is not known${near ? `; did you mean ${near}?` : ''}`);
    }
    if (this.#problems.length > 0) throw new RocketMQError('ARGUMENT_INVALID', this.#problems.join('\n'));
  }

  #read(name: keyof T & string): unknown {
    this.#known.add(name);
    return this.given[name];
  }
}

function show(value: unknown): string {
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') return `a ${typeof value}`;
  return (JSON.stringify(value) ?? 'undefined').slice(0, 100);
}
