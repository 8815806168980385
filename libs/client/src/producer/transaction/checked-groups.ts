import type { TransactionChecks } from './transaction-checks.js';

/** Who answers for which producer group. Of several producers of one group, each is asked in turn. */
export class CheckedGroups {
  readonly #groups = new Map<string, TransactionChecks[]>();

  add(checks: TransactionChecks): void {
    this.#groups.set(checks.group, [...(this.#groups.get(checks.group) ?? []), checks]);
  }

  remove(checks: TransactionChecks): void {
    const rest = this.#groups.get(checks.group)?.filter((other) => other !== checks) ?? [];
    if (rest.length > 0) this.#groups.set(checks.group, rest);
    else this.#groups.delete(checks.group);
  }

  /** Undefined when nobody of the group in this client can answer. */
  next(group: string): TransactionChecks | undefined {
    const all = this.#groups.get(group);
    const first = all?.shift();
    if (first !== undefined) all?.push(first);
    return first;
  }
}
