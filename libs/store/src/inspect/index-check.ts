import { javaStringHash } from '../../../common/src/index.js';
import { MessageProperty, keySeparator, propertyOf } from '../../../protocol/src/message/index.js';
import { readInt64, type RecordFacts } from '../commit-log/record-reader.js';
import type { ReadOnlyDisk } from '../disk/read-only-disk.js';
import type { Findings, Outlook } from './findings.js';
import type { UnitPlace } from './queue-view.js';
import { indexHeaderSize, indexItemSize, indexSlotSize, type IndexLayout } from './index-view.js';

const itemsAtOnce = 3200;
const longestTime = 2 ** 31 - 1;

export interface IndexCheckParts {
  readonly disk: ReadOnlyDisk;
  readonly findings: Findings;
  readonly outlook: Outlook;
  readonly logMinOffset: number;
  /** Nothing was under way when it was stopped. */
  readonly isAtRest: boolean;
}

interface Item {
  readonly hash: number;
  readonly offset: number;
  readonly seconds: number;
  /** Number in its file. */
  readonly number: number;
  readonly file: IndexLayout;
}

/** Compares the items of the index, which stand in the order of the log, with the records, as the log is walked. */
export class IndexCheck {
  /** Items found to be right. */
  good = 0;
  private readonly items: Iterator<Item>;
  private item: Item | undefined;
  private lastOffset = -1;
  /** Records with keys of which the index knows nothing: before its first item, and since the last one. */
  private unknown = 0;
  private firstUnknown: UnitPlace | undefined;
  private hasMatched = false;

  constructor(
    layouts: readonly IndexLayout[],
    private readonly parts: IndexCheckParts,
  ) {
    this.items = this.read(layouts);
    this.advance();
  }

  /** `hashes`: those of the record's keys; see {@link indexHashes}. `place`: where the record is. */
  onRecord(record: RecordFacts, physicalOffset: number, hashes: readonly number[], place: () => UnitPlace): void {
    while (this.item && this.item.offset < physicalOffset) {
      if (this.item.offset >= this.parts.logMinOffset) this.reportStray(this.item);
      this.advance();
    }
    if (hashes.length === 0 && this.item?.offset !== physicalOffset) return;
    const missing = new Set(hashes);
    let wasFound = false;
    for (; this.item?.offset === physicalOffset; this.advance()) {
      wasFound = true;
      this.compare(this.item, record, hashes);
      missing.delete(this.item.hash);
    }
    // Between items that are there, a record without any is a fault; before and behind them it is none.
    if (wasFound) this.reportUnknown();
    if (missing.size === 0) return;
    this.unknown++;
    this.firstUnknown ??= place();
  }

  /** After the last record: what is left points behind the log. */
  finish(): void {
    for (; this.item; this.advance()) {
      const isGone = this.item.offset < this.parts.logMinOffset;
      if (!isGone && this.parts.isAtRest) this.reportStray(this.item);
    }
    if (!this.firstUnknown) return;
    const what = `${this.unknown} records with keys are not in the index`;
    const advice = 'queries by key do not find them; a broker that keeps an index adds what is behind it';
    this.parts.findings.note('index', this.firstUnknown, what, advice);
  }

  private compare({ hash, seconds, number, file }: Item, record: RecordFacts, hashes: readonly number[]): void {
    const { beginTimestamp } = file.header;
    const due = Math.trunc((record.storeTimestamp - beginTimestamp) / 1000);
    // The first item's time counts from the end of the file before.
    const isTimeRight = number === 1 || beginTimestamp <= 0 || seconds === Math.max(0, Math.min(due, longestTime));
    if (hashes.includes(hash) && isTimeRight) {
      this.good++;
      return;
    }
    const reason = isTimeRight
      ? `has hash ${hash}, which no key of its record has`
      : `has the time ${seconds} s, not ${due}`;
    this.report(file, number, reason);
  }

  private reportUnknown(): void {
    const { firstUnknown, unknown, hasMatched } = this;
    this.hasMatched = true;
    this.firstUnknown = undefined;
    this.unknown = 0;
    if (!firstUnknown) return;
    const { findings, outlook } = this.parts;
    if (hasMatched) {
      const what = `${unknown} records from here on have keys that the index lacks, while it has later ones`;
      findings.fault('index', firstUnknown, what, outlook.ofIndex);
    } else {
      findings.note('index', firstUnknown, `${unknown} records are older than the index`, 'queries by key miss them');
    }
  }

  private reportStray({ offset, number, file }: Item): void {
    this.report(file, number, `points to ${offset}, where no record starts`);
  }

  private report(file: IndexLayout, number: number, reason: string): void {
    const { findings, outlook } = this.parts;
    findings.fault('index', { path: file.path, at: itemAt(file, number) }, `item ${number} ${reason}`, outlook.ofIndex);
  }

  private advance(): void {
    const { value, done } = this.items.next() as IteratorResult<Item, undefined>;
    this.item = done ? undefined : value;
    if (!this.item) return;
    if (this.item.offset < this.lastOffset) {
      this.report(
        this.item.file,
        this.item.number,
        `points to ${this.item.offset}, behind which the index was already`,
      );
    }
    this.lastOffset = Math.max(this.lastOffset, this.item.offset);
  }

  private *read(layouts: readonly IndexLayout[]): IterableIterator<Item> {
    for (const layout of layouts) {
      if (!layout.room) {
        const what = `its ${layout.length} bytes fit no number of slots and items`;
        const advice = 'give the number of slots it was written with (maxHashSlotNum); it is not looked at otherwise';
        this.parts.findings.fault('index', { path: layout.path, at: layout.length }, what, advice);
      } else if (layout.header.nextItem > layout.room.items) {
        const what = `the header speaks of ${layout.header.nextItem} items, there is room for ${layout.room.items}`;
        this.parts.findings.fault('index', { path: layout.path, at: 36 }, what, this.parts.outlook.ofIndex);
      } else {
        yield* this.readFile(layout, layout.room.slots);
      }
    }
  }

  private *readFile(file: IndexLayout, slots: number): IterableIterator<Item> {
    const { disk } = this.parts;
    const fd = disk.open(file.path, false);
    const newest = new Int32Array(slots);
    try {
      const bytes = Buffer.alloc(itemsAtOnce * indexItemSize);
      for (let number = 1; number < file.header.nextItem;) {
        const count = Math.min(itemsAtOnce, file.header.nextItem - number);
        disk.readSync(fd, bytes.subarray(0, count * indexItemSize), itemAt(file, number));
        for (let at = 0; at < count * indexItemSize; at += indexItemSize, number++) {
          const hash = bytes.readInt32BE(at);
          const previous = bytes.readInt32BE(at + 16);
          const slot = Math.abs(hash) % slots;
          if (hash < 0) this.report(file, number, `has the hash ${hash}`);
          if (previous !== newest[slot]) {
            this.report(file, number, `follows item ${previous} of its slot instead of ${String(newest[slot])}`);
          }
          newest[slot] = number;
          yield { hash, offset: readInt64(bytes, at + 4), seconds: bytes.readInt32BE(at + 12), number, file };
        }
      }
      this.checkSlots(file, fd, newest);
    } finally {
      disk.close(fd);
    }
  }

  private checkSlots(file: IndexLayout, fd: number, newest: Int32Array): void {
    const { disk, findings, outlook, isAtRest } = this.parts;
    const bytes = Buffer.alloc(16_384 * indexSlotSize);
    let used = 0;
    for (let slot = 0; slot < newest.length;) {
      const length = disk.readSync(fd, bytes, indexHeaderSize + slot * indexSlotSize);
      for (let at = 0; at + indexSlotSize <= length && slot < newest.length; at += indexSlotSize, slot++) {
        const found = bytes.readInt32BE(at);
        const expected = newest[slot] as number;
        if (expected !== 0) used++;
        // Written, but not counted yet: readers pass over it, and so does the next item of the slot.
        const isUncounted = !isAtRest && found >= file.header.nextItem;
        if (found === expected || isUncounted) continue;
        const place = { path: file.path, at: indexHeaderSize + slot * indexSlotSize };
        findings.fault('index', place, `slot ${slot} has item ${found} instead of ${expected}`, outlook.ofIndex);
      }
      if (length === 0) break;
    }
    if (isAtRest && used !== file.header.usedSlots) {
      const what = `the header speaks of ${file.header.usedSlots} slots in use, there are ${used}`;
      findings.fault('index', { path: file.path, at: 32 }, what, outlook.ofIndex);
    }
  }
}

function itemAt(file: IndexLayout, number: number): number {
  return indexHeaderSize + (file.room?.slots ?? 0) * indexSlotSize + number * indexItemSize;
}

/** Hashes under which a message with these properties is in the index: its unique id and each of its keys. */
export function indexHashes(topic: string, properties: string): number[] {
  const uniqueId = propertyOf(properties, MessageProperty.UNIQ_KEY);
  const keys = (propertyOf(properties, MessageProperty.KEYS) ?? '').split(keySeparator);
  return [uniqueId ?? '', ...keys].filter((key) => key !== '').map((key) => indexHash(`${topic}#${key}`));
}

/** Java's Math.abs leaves the smallest integer negative, which then counts as 0. */
function indexHash(key: string): number {
  const hash = Math.abs(javaStringHash(key));
  return hash > 2 ** 31 - 1 ? 0 : hash;
}
