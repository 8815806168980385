import type { Logger } from '../../../common/src/index.js';
import type { CommitLog } from '../commit-log/commit-log.js';
import type { IndexFile } from './index-file.js';
import type { IndexFiles } from './index-files.js';
import type { IndexPosition } from './index-position.js';

export interface OpeningParts {
  readonly files: IndexFiles;
  readonly log: CommitLog;
  readonly logger: Logger;
}

/** What is known of the index before its files are looked at. */
export interface IndexKnowledge {
  /** From the checkpoint, unless Java has written since. */
  readonly position: IndexPosition | undefined;
  /** Word 16 of the checkpoint: of Java's files, those with nothing later are whole after an unclean stop. */
  readonly durableTimestamp: number;
  readonly wasCleanStop: boolean;
  /** Where the log ends. */
  readonly logEnd: number;
}

/** How the last file is to be loaded, and where indexing goes on. */
export interface IndexOpening {
  /** Items of records from here on are cut. */
  readonly limit: number;
  /** Known: none of the items before `next` is of such a record. */
  readonly isWhole: boolean;
  /** Place of the next item in the last file, as it is known. */
  readonly next: number;
  /** Slots and header in the last file can be believed; otherwise they are made again from its items. */
  readonly isStored: boolean;
  /** Set when every key of the records before it is in the files; otherwise the last item tells. */
  readonly offset: number | undefined;
}

/**
 * Decides which files are kept. From the first one that cannot be believed on all are deleted: the log has what was in
 * them, and the files must follow each other as the log does.
 */
export function openFiles(parts: OpeningParts, known: IndexKnowledge): IndexOpening {
  const { files, log, logger } = parts;
  const { found, strange } = files.find();
  if (strange.length > 0) logger.warn('files in the index directory are none of its own', { strange });
  const own = known.position;
  let doubt: string | undefined;
  const kept = own ? found.filter(({ name }) => name >= own.firstFile && name <= own.lastFile) : found;
  files.remove(found.filter((file) => !kept.includes(file)));
  if (own && kept.length !== own.fileCount) {
    doubt = `${files.directory} has ${kept.length} files, and the checkpoint knows ${own.fileCount}`;
  }
  for (const [i, place] of kept.entries()) {
    doubt ??= wrongSize(place.length, files.shape.fileSize, place.path);
    const file = doubt === undefined ? files.open(place) : undefined;
    const isLast = i === kept.length - 1;
    // Of the last file of our own the header may be old: its items are looked at later.
    if (file && !(own && isLast)) doubt = damageOf(file, own ? !isLast : false);
    if (file && !own && !known.wasCleanStop && file.header.endTimestamp > known.durableTimestamp) {
      doubt ??= `${file.path} may not have been wholly on the disk`;
    }
    if (!file || doubt !== undefined) {
      logger.warn('the message index is made again from the commit log', { because: doubt, from: place.path });
      files.remove(kept.slice(i));
      break;
    }
    files.list.push(file);
  }
  if (doubt !== undefined && files.list.length === kept.length) {
    logger.warn('the message index is made again from the commit log', { because: doubt });
  }
  return decide(log, files, known, own, doubt !== undefined);
}

function decide(
  log: CommitLog,
  files: IndexFiles,
  known: IndexKnowledge,
  own: IndexPosition | undefined,
  hasDropped: boolean,
): IndexOpening {
  const { last } = files;
  if (own && !hasDropped) {
    const offset = Math.min(own.offset, known.logEnd);
    const isStored = known.wasCleanStop && offset === own.offset && last?.header.next === own.next;
    return { limit: offset, isWhole: own.offset <= known.logEnd, next: own.next, isStored, offset };
  }
  if (!last) return { limit: known.logEnd, isWhole: true, next: 1, isStored: true, offset: log.minOffset };
  const isStored = known.wasCleanStop && !hasDropped && last.header.endOffset < known.logEnd;
  return { limit: known.logEnd, isWhole: false, next: last.header.next, isStored, offset: undefined };
}

function wrongSize(length: number, expected: number, path: string): string | undefined {
  if (length === expected) return undefined;
  return `${path} has ${length} bytes, and with maxHashSlotNum and maxIndexNum as they are it would have ${expected}`;
}

/** Why the header of a file does not fit its items, if so. */
function damageOf(file: IndexFile, mustBeFull: boolean): string | undefined {
  const { header, path } = file;
  if (header.next > file.shape.places || (mustBeFull && !file.isFull))
    return `${path} says that it has ${header.next - 1} items`;
  if (header.next === 1) return undefined;
  const first = file.itemSync(1);
  const last = file.itemSync(header.next - 1);
  if (first.physicalOffset === header.beginOffset && last.physicalOffset === header.endOffset) return undefined;
  return `${path} has other items at its ends than its header says`;
}
