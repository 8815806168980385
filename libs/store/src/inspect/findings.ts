import type { UnitPlace } from './queue-view.js';
import type { StoreFiles } from './store-files.js';

export interface StoreFinding {
  readonly area: 'commitlog' | 'consumequeue' | 'index' | 'checkpoint' | 'config';
  /** A fault does not belong there; a note is no damage: the next start puts it right, or it is meant to be so. */
  readonly kind: 'fault' | 'note';
  /** Of the file, within the store. */
  readonly file: string;
  /** Byte in the file where it begins. */
  readonly at: number;
  readonly what: string;
  /** What the next start of a broker makes of it, and what to do where it does nothing. */
  readonly recovery: string;
}

/** So many are kept; the others are counted. */
const keptFindings = 1000;

/** Collects what is found, within bounds, and tells of each as it comes. */
export class Findings {
  readonly kept: StoreFinding[] = [];
  faults = 0;
  notes = 0;

  constructor(
    private readonly files: StoreFiles,
    private readonly onFinding: (finding: StoreFinding) => void,
  ) {}

  fault(area: StoreFinding['area'], place: UnitPlace, what: string, recovery: string): void {
    this.add('fault', area, place, what, recovery);
  }

  note(area: StoreFinding['area'], place: UnitPlace, what: string, recovery: string): void {
    this.add('note', area, place, what, recovery);
  }

  private add(
    kind: StoreFinding['kind'],
    area: StoreFinding['area'],
    { path, at }: UnitPlace,
    what: string,
    recovery: string,
  ): void {
    const finding: StoreFinding = { area, kind, file: this.files.shown(path), at, what, recovery };
    if (kind === 'fault') this.faults++;
    else this.notes++;
    if (this.kept.length < keptFindings) this.kept.push(finding);
    this.onFinding(finding);
  }
}

/** What the next start would do, as far as the files tell. */
export class Outlook {
  /** Recovery reads the log from here on; undefined when Java's checkpoint decides, by time. */
  readonly start: number | undefined;

  constructor(files: StoreFiles) {
    const own = files.checkpoint?.own;
    this.start = typeof own === 'object' ? own.offset : undefined;
  }

  ofLog(offset: number, hasRecordsBehind: boolean): string {
    if (this.isBehindStart(offset)) {
      return (
        `recovery begins at ${String(this.start)} and leaves it: what stands here cannot be read; ` +
        'restore the file from a copy, or let consumers skip it'
      );
    }
    return hasRecordsBehind
      ? 'recovery keeps the records behind it in damaged/ and cuts the log here; ' +
          'with damagedLogPolicy=STOP the start is refused'
      : 'recovery cuts the log here';
  }

  /** Of an entry for the record at this physical offset. */
  ofUnit(physicalOffset: number): string {
    return this.isBehindStart(physicalOffset)
      ? `recovery makes entries again from ${String(this.start)} on and leaves this one; ` +
          'stop the broker and remove consumequeue/: all queues are made again from the log'
      : 'recovery makes it again from the log';
  }

  get ofIndex(): string {
    return 'stop the broker and remove index/: queries by key find nothing older until it is made again from the log';
  }

  private isBehindStart(offset: number): boolean {
    return this.start !== undefined && offset < this.start;
  }
}
