import { link, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Clock, pause } from './clock.js';
import { makeDirectories } from './directories.js';
import { codeOf, messageOf, RocketMQError } from './errors.js';
import type { Logger } from './logger.js';

export interface TableFileOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** The whole table as text. */
  readonly encode: () => string;
  /** Takes over what a file holds, all or nothing. @throws when the text is no such table. */
  readonly decode: (text: string) => void;
  /** The file system of this machine unless given. */
  readonly disk?: TableDisk;
}

/** What a table file asks of a file system. All of it throws the system's error. */
export interface TableDisk {
  /** Undefined when there is no such file. */
  read(path: string): Promise<string | undefined>;
  /** A new file, or a new content for one; on the disk afterwards. */
  write(path: string, text: string): Promise<void>;
  /** A second name for a file; without the file nothing happens. */
  link(from: string, to: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Absent is fine. */
  remove(path: string): Promise<void>;
  makeDirectories(path: string): void;
  /** Makes the names in it durable. */
  syncDirectory(path: string): Promise<void>;
}

/**
 * A table kept in one JSON file beside a `.bak` of what it held before, as Apache keeps them. Readers find a whole file
 * at any instant: the new text is written aside, forced to disk and renamed into place.
 */
export interface TableFile {
  /**
   * Reads the file, or its `.bak` when the file is missing, empty or unreadable. Neither has anything: an empty table,
   * as in Java.
   *
   * @throws RocketMQError STORE_CORRUPT when something is there and none of it can be read.
   */
  load(): Promise<void>;
  /**
   * Resolves when what the table holds now is on disk. Calls that come while a write is under way share the next one.
   *
   * @throws RocketMQError STORE_UNAVAILABLE naming the file.
   */
  save(): Promise<void>;
  /** Resolves when no write is under way any more, whatever became of it. */
  settled(): Promise<void>;
}

/** Writing a big table again and again takes at most this share of the time. */
const encodeShare = 1 / 5;

export function createTableFile(options: TableFileOptions): TableFile {
  const { path, clock, log, disk = nodeTableDisk } = options;
  let last = Promise.resolve();
  let next: Promise<void> | undefined;
  let restUntil = -Infinity;
  let isDirectoryDurable = false;

  const write = async (): Promise<void> => {
    const rest = restUntil - clock.monotonic();
    if (rest > 0) await pause(clock, rest);
    next = undefined;
    const start = clock.monotonic();
    const text = options.encode();
    const spent = clock.monotonic() - start;
    if (spent > 1) restUntil = start + spent / encodeShare;
    try {
      await replaceFile(disk, path, text);
      // The directory may be new itself, made by this table or by another one just now.
      if (!isDirectoryDurable) await disk.syncDirectory(dirname(dirname(path)));
      isDirectoryDurable = true;
    } catch (error) {
      log.error('a table could not be saved', { path, error: messageOf(error) });
      throw new RocketMQError('STORE_UNAVAILABLE', `${path} cannot be written: ${messageOf(error)}`, { cause: error });
    }
  };

  return {
    load: () => loadTable(disk, options),
    save() {
      if (next === undefined) {
        next = last.then(write);
        last = next.catch(() => undefined);
      }
      return next;
    },
    settled: () => last,
  };
}

async function loadTable(disk: TableDisk, { path, log, decode }: TableFileOptions): Promise<void> {
  const problems: string[] = [];
  for (const candidate of [path, `${path}.bak`]) {
    const text = await readIfThere(disk, candidate);
    if (text === undefined) continue;
    if (text.trim() === '') {
      log.error('a table file is empty', { path: candidate });
      continue;
    }
    try {
      decode(text);
      if (candidate !== path) log.warn('a table was read from its backup', { path: candidate, problems });
      return;
    } catch (error) {
      problems.push(`${candidate}: ${messageOf(error)}`);
      log.error('a table could not be read', { path: candidate, error: messageOf(error) });
    }
  }
  if (problems.length === 0) return;
  throw new RocketMQError(
    'STORE_CORRUPT',
    `${problems.join('; ')}. Restore the file or its .bak; remove both to start with an empty table.`,
  );
}

async function readIfThere(disk: TableDisk, path: string): Promise<string | undefined> {
  try {
    return await disk.read(path);
  } catch (error) {
    throw new RocketMQError('STORE_UNAVAILABLE', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

async function replaceFile(disk: TableDisk, path: string, text: string): Promise<void> {
  const fresh = `${path}.tmp`;
  const directory = dirname(path);
  disk.makeDirectories(directory);
  await disk.write(fresh, text);
  // A second name for what is about to be replaced: the file itself never goes missing.
  await disk.remove(`${path}.bak`);
  await disk.link(path, `${path}.bak`);
  await disk.rename(fresh, path);
  await disk.syncDirectory(directory);
}

const nodeTableDisk: TableDisk = {
  read: (path) => unlessAbsent(readFile(path, 'utf8')),
  async write(path, text) {
    const file = await open(path, 'w');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  },
  link: (from, to) => unlessAbsent(link(from, to)),
  rename: (from, to) => rename(from, to),
  remove: (path) => rm(path, { force: true }),
  makeDirectories: (path) => makeDirectories(path),
  async syncDirectory(path) {
    const directory = await open(path, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  },
};

async function unlessAbsent<T>(action: Promise<T>): Promise<T | undefined> {
  try {
    return await action;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
