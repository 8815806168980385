const unitMillis: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['sec', 1000],
  ['min', 60_000],
  ['h', 3_600_000],
]);
const durationText = /^(\d{1,9}(?:\.\d{1,3})?) ?([a-z]+)$/;

/** Milliseconds of a number of them, or of a text like '500 ms', '30 s', '15 min', '2 h'; undefined when it is neither. */
export function durationMillis(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? value : undefined;
  const [, amount, unit = ''] = (typeof value === 'string' ? durationText.exec(value.trim()) : null) ?? [];
  const scale = unitMillis.get(unit);
  return scale === undefined ? undefined : Math.round(Number(amount) * scale);
}
