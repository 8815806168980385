import { mkdirSync, writeFileSync } from 'node:fs';
import type { Contestant, Row } from './benchmark.js';
import { showNumber, showSpread, spreadOf, type Spread } from './figure.js';
import type { Verdict } from './goal.js';
import { showMachine, type Machine } from './machine.js';
import { ratios } from './measuring.js';
import { formatTable } from './table.js';

/** Of one contestant. */
export interface SideReport {
  readonly name: string;
  readonly version: string;
  readonly samples: readonly object[];
  /** By the figure's title. */
  readonly figures: Readonly<Record<string, Spread>>;
  /** Ours by this peer's, round by round; absent for ours. */
  readonly ratios?: Readonly<Record<string, Spread>>;
}

export interface RowReport {
  readonly title: string;
  /** Why it was not measured. */
  readonly skipped?: string;
  readonly digits: Readonly<Record<string, number>>;
  readonly sides: readonly SideReport[];
  readonly verdicts: readonly Verdict[];
}

export interface Report {
  readonly benchmark: string;
  readonly command: string;
  readonly date: string;
  readonly machine: Machine;
  readonly rows: readonly RowReport[];
  readonly notes: readonly string[];
  /** What ended it early. */
  readonly error?: string;
}

export function reportRow<S extends object, C extends Contestant>(
  row: Row<S, C>,
  samples: ReadonlyMap<C, readonly S[]>,
  verdicts: readonly Verdict[],
): RowReport {
  const [first] = row.contestants;
  const own = (first && samples.get(first)) ?? [];
  const byTitle = (values: (of: (sample: S) => number) => number[]): Record<string, Spread> =>
    Object.fromEntries(row.figures.map(({ title, of }) => [title, spreadOf(values(of))]));
  const sides = row.contestants.map((contestant) => {
    const theirs = samples.get(contestant) ?? [];
    const side = {
      name: contestant.name,
      version: contestant.version,
      samples: theirs,
      figures: byTitle((of) => theirs.map(of)),
    };
    return contestant === first ? side : { ...side, ratios: byTitle((of) => ratios(of, own, theirs)) };
  });
  const digits = Object.fromEntries(row.figures.map(({ title, digits: count }) => [title, count ?? 0]));
  return { title: row.title, digits, sides, verdicts };
}

/** Nothing wrong, nothing missing, no row beyond its limit. */
export function isGood({ rows, error }: Report): boolean {
  return (
    error === undefined && rows.every(({ verdicts }) => verdicts.every(({ outcome }) => outcome !== 'beyond the limit'))
  );
}

/** The figures for programs go to a file, the tables for people to standard output. */
export function publish(report: Report): void {
  mkdirSync('bench/results', { recursive: true });
  writeFileSync(`bench/results/${report.benchmark}.json`, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(`\n${formatReport(report)}\n`);
}

export function formatReport(report: Report): string {
  const parts = [figureTable(report.rows), verdictTable(report.rows), ...skippedLines(report.rows), ...report.notes];
  const sides = new Map(report.rows.flatMap((row) => row.sides.map(({ name, version }) => [name, version])));
  parts.push(`${report.command}, ${report.date}; ${showMachine(report.machine)}`);
  if (sides.size > 0) parts.push([...sides].map(([name, version]) => `${name}: ${version}`).join('; '));
  if (report.error !== undefined) parts.push(`FAILED: ${report.error}`);
  return parts.filter((part) => part !== '').join('\n\n');
}

function figureTable(rows: readonly RowReport[]): string {
  const measured = rows.filter(({ sides }) => sides.length > 0);
  if (measured.length === 0) return '';
  const titles = [...new Set(measured.flatMap(({ digits }) => Object.keys(digits)))];
  const cells = (row: RowReport, figures: Readonly<Record<string, Spread>>, show: typeof showSpread): string[] =>
    titles.map((title) => (figures[title] === undefined ? '' : show(figures[title], row.digits[title])));
  const lines = measured.flatMap((row) => {
    const isAlone = row.sides.length === 1;
    return row.sides.flatMap((side, i) => {
      const own = cells(row, side.figures, isAlone ? showSpread : showMedian);
      const line = [i === 0 ? row.title : '', side.name, ...own];
      if (side.ratios === undefined) return [line];
      return [
        line,
        ['', `${row.sides[0]?.name} / ${side.name}`, ...cells(row, side.ratios, (ratio) => showSpread(ratio, 2))],
      ];
    });
  });
  return formatTable(['row', 'side', ...titles], lines);
}

const showMedian = ({ median }: Spread, digits?: number): string => showNumber(median, digits);

function verdictTable(rows: readonly RowReport[]): string {
  const lines = rows.flatMap(({ title, verdicts }) =>
    verdicts.map(({ goal, measured, text }, i) => [i === 0 ? title : '', goal, measured, text]),
  );
  return lines.length === 0 ? '' : formatTable(['row', 'goal', 'measured', 'verdict'], lines);
}

function skippedLines(rows: readonly RowReport[]): string[] {
  return rows.flatMap(({ title, skipped }) => (skipped === undefined ? [] : [`${title}: skipped, ${skipped}`]));
}
