const rest = 'other';

/** Keeps the values of a label few, whatever applications put there: those beyond the first `limit` become 'other'. */
export class BoundedLabels {
  readonly #known = new Set<string>();

  constructor(
    private readonly limit: number,
    private readonly longest = 127,
  ) {}

  of(value: string): string {
    const short = value.length > this.longest ? value.slice(0, this.longest) : value;
    if (this.#known.has(short)) return short;
    if (this.#known.size >= this.limit) return rest;
    this.#known.add(short);
    return short;
  }
}
