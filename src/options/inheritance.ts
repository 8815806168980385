/** Options that somebody gave, and who that was, for messages to people. */
export interface OptionLayer {
  /** 'Billing.onMessage', "connection 'default'". */
  readonly from: string;
  readonly options: object | undefined;
}

/** Options after inheritance. */
export interface InheritedOptions {
  readonly values: Readonly<Record<string, unknown>>;
  /** By option: whose word it is. */
  readonly from: ReadonlyMap<string, string>;
}

/**
 * Of every option what the nearest layer says about it; an option that is undefined says nothing. What listeners and their
 * groups go by, from near to far: the decorator, `listeners` of forFeature, `groups` of forFeature, `consumer` of the
 * connection's forRoot, and last Apache's defaults, which the client knows.
 *
 * @param layers - The nearest first.
 */
export function inherit(layers: readonly OptionLayer[]): InheritedOptions {
  const values: Record<string, unknown> = {};
  const from = new Map<string, string>();
  for (const layer of layers) {
    for (const [name, value] of Object.entries(layer.options ?? {}) as [string, unknown][]) {
      if (value === undefined || from.has(name)) continue;
      values[name] = value;
      from.set(name, layer.from);
    }
  }
  return { values, from };
}
