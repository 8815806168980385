import type { Logger } from '../../../common/src/index.js';
import { decodeMessage } from '../../../protocol/src/message/index.js';
import type { CommitLog } from '../commit-log/commit-log.js';
import type { IndexQuery, IndexQueryResult } from '../contract.js';
import { itemIn, type IndexFile, type ItemRun } from './index-file.js';
import type { IndexFiles } from './index-files.js';
import type { IndexItem } from './index-layout.js';
import { carriesKey, indexHash } from './record-keys.js';
import { RecordKeys } from './record-keys.js';

export interface SearchParts {
  readonly files: IndexFiles;
  readonly log: CommitLog;
  readonly logger: Logger;
  readonly readRecord: (physicalOffset: number) => Buffer | undefined | Promise<Buffer | undefined>;
}

/** Records with the hash of the key but without the key: somebody makes them on purpose if they are so many. */
const mostStrangers = 1024;
/** With more the answer would not fit into a frame of 16 MiB, and the peer would close the connection. */
const mostBytes = 15 * 1024 * 1024;
/** Damaged items that are remembered, so as to be told of once. */
const mostReported = 1000;

interface Search extends IndexQuery {
  readonly hash: number;
  readonly limit: number;
  readonly found: { readonly physicalOffset: number; readonly record: Buffer }[];
  bytes: number;
  strangers: number;
}

/** Finds messages by key. Damage of the index costs messages their being found, and never shows another one. */
export class IndexSearch {
  private readonly reported = new Set<string>();
  private readonly keys = new RecordKeys();

  constructor(private readonly parts: SearchParts) {}

  /** At most `limit` of the newest ones, in the order of the log. */
  async run(query: IndexQuery, limit: number): Promise<IndexQueryResult> {
    const { topic, key, begin, end } = query;
    const search: Search = { ...query, hash: indexHash(topic, key), limit, found: [], bytes: 0, strangers: 0 };
    const files = [...this.parts.files.list];
    const last = files.at(-1)?.header;
    const [indexLastUpdateTimestamp, indexLastUpdatePhyOffset] = [last?.endTimestamp ?? 0, last?.endOffset ?? 0];
    for (const file of files.toReversed()) {
      if (isExhausted(search)) break;
      if (mayHold(file, begin, end)) await this.walk(file, search);
      if (file.header.beginTimestamp < begin) break;
    }
    // Java tells how far the index is with what it found only.
    if (search.found.length === 0) return { records: [], indexLastUpdateTimestamp: 0, indexLastUpdatePhyOffset: 0 };
    search.found.sort((a, b) => a.physicalOffset - b.physicalOffset);
    return { records: search.found.map(({ record }) => record), indexLastUpdateTimestamp, indexLastUpdatePhyOffset };
  }

  /** From the newest item of the key's slot to older ones: each step leads to a lower place, so that there is an end. */
  private async walk(file: IndexFile, search: Search): Promise<void> {
    const { begin, end, hash } = search;
    const { header, shape } = file;
    const slot = hash % shape.slots;
    const isGone = (): boolean => !this.parts.files.list.includes(file);
    let place = await unlessGone(isGone, () => file.newestIn(slot));
    if (place !== undefined && (place < 0 || place >= header.next)) {
      return this.report(file, shape.slotPosition(slot), `the slot leads to item ${place} of ${header.next - 1}`);
    }
    let run: ItemRun | undefined;
    let isAstray = false;
    while (place !== undefined && place > 0 && !isExhausted(search)) {
      const wanted = place;
      let item: IndexItem | undefined = run && itemIn(run, wanted);
      if (!item) {
        run = await unlessGone(isGone, () => file.itemsUpTo(wanted));
        item = run && itemIn(run, wanted);
      }
      if (!item) return;
      const at = shape.itemPosition(wanted);
      const time = header.beginTimestamp + item.seconds * 1000;
      const isOfSlot = item.hash >= 0 && item.hash % shape.slots === slot;
      if (!isOfSlot) this.report(file, at, 'its hash is of another slot');
      else if (item.seconds < 0) this.report(file, at, 'it is older than its file');
      else if (item.hash === hash && time >= begin && time <= end) await this.admit(file, at, item, search);
      if (item.seconds >= 0 && time < begin) return;
      if (item.previous >= wanted || item.previous < 0) {
        return this.report(file, at, `the one before it would be ${item.previous}`);
      }
      // Two in a row: not the item is damaged, but what leads here.
      if (isAstray && !isOfSlot) return;
      isAstray = !isOfSlot;
      place = item.previous;
    }
  }

  /** Takes the record of an item when it is whole, of the topic, and has the key. */
  private async admit(file: IndexFile, at: number, item: IndexItem, search: Search): Promise<void> {
    const { log, readRecord } = this.parts;
    const { physicalOffset } = item;
    const { beginOffset, endOffset } = file.header;
    if (physicalOffset < beginOffset || physicalOffset > endOffset) {
      return this.report(
        file,
        at,
        `it points to ${physicalOffset}, and its file covers ${beginOffset} to ${endOffset}`,
      );
    }
    const isGone = (): boolean => physicalOffset < log.minOffset;
    if (isGone()) return;
    const record = await unlessGone(isGone, () => readRecord(physicalOffset));
    if (!record && isGone()) return;
    if (!record) return this.report(file, at, `no whole record is at ${physicalOffset} of the commit log`);
    const { topic, properties } = decodeMessage(record);
    if (topic !== search.topic || !carriesKey(properties, search.key)) {
      search.strangers++;
      const { keys } = this;
      const isCollision =
        keys.read(record, 0, record.length) && keys.hashes.subarray(0, keys.count).includes(item.hash);
      if (!isCollision) this.report(file, at, `the record at ${physicalOffset} has no key of its hash`);
      return;
    }
    search.bytes += record.length;
    // One message is handed out whatever its size.
    if (search.found.length === 0 || search.bytes <= mostBytes) search.found.push({ physicalOffset, record });
  }

  private report(file: IndexFile, at: number, reason: string): void {
    const name = `${file.name} ${at}`;
    if (this.reported.has(name) || this.reported.size >= mostReported) return;
    this.reported.add(name);
    this.parts.logger.error('a damaged item of the message index is passed over', { file: file.path, at, reason });
  }
}

/** Retention may delete a file while it is read: then there is nothing to read, and no error. */
async function unlessGone<T>(isGone: () => boolean, read: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isGone()) return undefined;
    throw error;
  }
}

function isExhausted(search: Search): boolean {
  return search.found.length >= search.limit || search.strangers >= mostStrangers || search.bytes > mostBytes;
}

/** Java's isTimeMatched. */
function mayHold({ header }: IndexFile, begin: number, end: number): boolean {
  const { beginTimestamp: first, endTimestamp: last } = header;
  return (begin < first && end > last) || (begin >= first && begin <= last) || (end >= first && end <= last);
}
