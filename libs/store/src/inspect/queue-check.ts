/*
 * HOT PATH (verify). Once a record: one look at 20 bytes of a window in memory. Windows of all queues together are
 * bounded, so that stores of any number of queues can be verified.
 */
import type { RecordFacts } from '../commit-log/record-reader.js';
import {
  blankUnitSize,
  unitPhysicalOffset,
  unitRecordSize,
  unitSize,
  unitTagsCode,
} from '../consume-queue/queue-block.js';
import { SystemTopic } from '../../../protocol/src/message/index.js';
import { UnitReader } from '../recovery/queue-recovery.js';
import type { Findings, Outlook } from './findings.js';
import type { QueueView } from './queue-view.js';

/** Tags codes from here down are places in consumequeue_ext. */
const highestExtAddress = -2_147_483_649;

const windowUnits = 204;
const mostWindows = 4096;

/** The memory all queues share: so many windows, the one read longest ago is given to the next that needs one. */
export class WindowPool {
  private readonly used: UnitWindow[] = [];
  private turn = 0;

  take(): UnitWindow {
    if (this.used.length < mostWindows) {
      const window = new UnitWindow();
      this.used.push(window);
      return window;
    }
    const window = this.used[this.turn++ % mostWindows] as UnitWindow;
    window.count = 0;
    window.owner = undefined;
    return window;
  }
}

class UnitWindow {
  owner: QueueCheck | undefined;
  first = 0;
  count = 0;
  readonly bytes = Buffer.alloc(windowUnits * unitSize);
  readonly view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
}

export interface QueueCheckParts {
  readonly findings: Findings;
  readonly outlook: Outlook;
  readonly windows: WindowPool;
  /** Nothing was under way when it was stopped. */
  readonly isAtRest: boolean;
}

/** Consecutive entries with the same fault: one finding. */
interface Run {
  readonly what: string;
  readonly isAbsent: boolean;
  readonly first: number;
  readonly physicalOffset: number;
  count: number;
}

/** Compares a queue's entries with the records of the log, as the log is walked. */
export class QueueCheck {
  /** Entries found to be right. */
  good = 0;
  /** Queue offset of the next record to come; undefined before the first. */
  private next: number | undefined;
  /** First offset of the queue's present life: a topic that was deleted and made again begins anew. */
  private lifeStart = 0;
  private run: Run | undefined;
  private readonly earlier: Run[] = [];
  private window: UnitWindow | undefined;

  constructor(
    readonly view: QueueView,
    private readonly parts: QueueCheckParts,
  ) {}

  onRecord(record: RecordFacts, physicalOffset: number): void {
    const { queueOffset } = record;
    if (this.next === undefined) this.lifeStart = queueOffset;
    else if (queueOffset < this.next) this.beginAgain(queueOffset);
    else if (queueOffset > this.next) this.reportGap(queueOffset, physicalOffset);
    this.next = queueOffset + 1;
    const what = this.compare(record, physicalOffset);
    if (what === undefined) {
      this.good++;
      if (this.run) this.endRun();
      return;
    }
    const { run } = this;
    if (run && run.what === what && run.first + run.count === queueOffset) {
      run.count++;
      return;
    }
    if (run) this.endRun();
    this.run = { what, isAbsent: what === absent, first: queueOffset, physicalOffset, count: 1 };
  }

  /** After the last record of the log, which was found to go from `logMinOffset` to `logEndOffset`. */
  finish(logMinOffset: number, logEndOffset: number): void {
    if (this.run?.isAbsent && !this.parts.isAtRest) this.noteBehind(this.run);
    else if (this.run) this.endRun();
    this.run = undefined;
    for (const run of this.earlier.splice(0)) this.report(run);
    this.checkBefore(logMinOffset);
    this.checkBehind(logMinOffset, logEndOffset);
  }

  /** Undefined when the entry at the record's offset stands for it. */
  private compare(record: RecordFacts, physicalOffset: number): string | undefined {
    const at = this.load(record.queueOffset);
    const view = this.window?.view;
    if (at < 0 || !view) return absent;
    const size = unitRecordSize(view, at);
    if (size === 0) return absent;
    const found = unitPhysicalOffset(view, at);
    if (size === blankUnitSize) return 'is blank';
    if (found !== physicalOffset) return 'points elsewhere';
    if (size !== record.size) return `has size ${size} instead of ${record.size}`;
    const tagsCode = unitTagsCode(view, at);
    // Delay levels are configured, and with extended queues the code is a place in another file.
    const isPlain = record.topic !== SystemTopic.SCHEDULE && tagsCode > highestExtAddress;
    return isPlain && tagsCode !== record.tagsCode ? 'has another tags code' : undefined;
  }

  private beginAgain(queueOffset: number): void {
    const { findings } = this.parts;
    if (this.run) this.endRun();
    const runs = this.earlier.splice(0);
    const count = runs.reduce((sum, run) => sum + run.count, 0);
    this.lifeStart = Math.min(queueOffset, this.lifeStart);
    const what = `${this.name} began again at offset ${queueOffset}: ${count} records of an earlier life have no entry`;
    findings.note('consumequeue', this.view.placeOf(queueOffset), what, 'recovery keeps the later ones');
  }

  private reportGap(queueOffset: number, physicalOffset: number): void {
    const { findings, outlook } = this.parts;
    const what = `the records of ${this.name} jump from offset ${String(this.next)} to ${queueOffset}`;
    findings.fault('consumequeue', this.view.placeOf(this.next ?? 0), what, outlook.ofUnit(physicalOffset));
  }

  private endRun(): void {
    if (this.run && !this.wasStoredSince(this.run)) this.earlier.push(this.run);
    this.run = undefined;
    // Beyond this many it is no earlier life, and they must not pile up.
    if (this.earlier.length > 16) for (const run of this.earlier.splice(0)) this.report(run);
  }

  /** A broker at work stores entries while the log is read; they are not counted among the right ones. */
  private wasStoredSince({ isAbsent, first, count, physicalOffset }: Run): boolean {
    if (!isAbsent || this.parts.isAtRest) return false;
    const unit = new UnitReader();
    unit.lookInto(this.view);
    const isFirstThere = unit.read(first) && unit.physicalOffset === physicalOffset;
    return isFirstThere && unit.read(first + count - 1) && unit.size > 0;
  }

  private report({ what, first, count, physicalOffset }: Run): void {
    const { findings, outlook } = this.parts;
    const many = count === 1 ? '' : `, and the ${count - 1} behind it`;
    const text = `the entry of ${this.name} at offset ${first} ${what}${many}: its record is at ${physicalOffset}`;
    findings.fault('consumequeue', this.view.placeOf(first), text, outlook.ofUnit(physicalOffset));
  }

  private noteBehind({ first, count }: Run): void {
    const what = `${this.name}: ${count} records from offset ${first} on have no entry yet`;
    this.parts.findings.note(
      'consumequeue',
      this.view.placeOf(first),
      what,
      'a broker at work stores them soon; after a kill recovery makes them from the log',
    );
  }

  /** Entries before the first record in the log are blanks, or stand for records that have expired. */
  private checkBefore(logMinOffset: number): void {
    const { findings, outlook } = this.parts;
    const end = this.next === undefined ? this.view.endOffset : this.lifeStart;
    let last = -1;
    for (let offset = this.view.firstOffset; offset < end; offset++) {
      const at = this.load(offset);
      const view = this.window?.view;
      if (at < 0 || !view) return;
      const size = unitRecordSize(view, at);
      const physicalOffset = unitPhysicalOffset(view, at);
      const isRight = size === blankUnitSize || (size > 0 && physicalOffset < logMinOffset && physicalOffset > last);
      if (size === 0 && this.next === undefined) return;
      if (!isRight) {
        const what = `the entry of ${this.name} at offset ${offset} points to ${physicalOffset}, where no record of it is`;
        findings.fault('consumequeue', this.view.placeOf(offset), what, outlook.ofUnit(physicalOffset));
        return;
      }
      last = size === blankUnitSize ? last : physicalOffset;
    }
  }

  /** Behind the last record's entry there is nothing. */
  private checkBehind(logMinOffset: number, logEndOffset: number): void {
    const { findings, outlook, isAtRest } = this.parts;
    const offset = this.firstUsed(this.next ?? this.view.bounds(logMinOffset).maxOffset);
    if (offset === undefined) return;
    const at = this.load(offset);
    const physicalOffset = at < 0 || !this.window ? 0 : unitPhysicalOffset(this.window.view, at);
    // A broker at work may have stored it since the log was read.
    if (!isAtRest && physicalOffset >= logEndOffset) return;
    const what = `the entry of ${this.name} at offset ${offset} points to ${physicalOffset}, but its records end before`;
    findings.fault('consumequeue', this.view.placeOf(offset), what, outlook.ofUnit(physicalOffset));
  }

  /** The first place from `from` on that is not zero. */
  private firstUsed(from: number): number | undefined {
    const { view } = this;
    const units = view.fileSize / unitSize;
    for (let start = from; start < view.endOffset; start = view.fileOffset(start) + units) {
      const fileEnd = Math.min(view.fileOffset(start) + units, view.endOffset);
      // Holes need not be read. What shares a page with the entries before is none.
      const end = view.mayHoldBehind(start) ? fileEnd : Math.min(start + windowUnits, fileEnd);
      for (let offset = start; offset < end; offset++) {
        const at = this.load(offset);
        if (at >= 0 && this.window && !isZero(this.window.bytes, at)) return offset;
      }
    }
    return undefined;
  }

  /** Byte of the unit in the window, which is read when need be; -1 when the files have no room for it. */
  private load(offset: number): number {
    const { view } = this;
    let { window } = this;
    if (window?.owner !== this) window = undefined;
    if (!window || offset < window.first || offset >= window.first + window.count) {
      if (offset < view.firstOffset || offset >= view.endOffset) return -1;
      if (!window) {
        window = this.parts.windows.take();
        window.owner = this;
        this.window = window;
      }
      window.first = offset;
      window.count = Math.floor(view.readSync(offset, window.bytes) / unitSize);
      if (window.count === 0) return -1;
    }
    return (offset - window.first) * unitSize;
  }

  private get name(): string {
    return `${this.view.topic}/${this.view.queueId}`;
  }
}

const absent = 'is missing';

function isZero(bytes: Buffer, at: number): boolean {
  for (let i = at; i < at + unitSize; i++) if (bytes[i] !== 0) return false;
  return true;
}
