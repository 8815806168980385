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
  const { path, clock, log } = options;
  let last = Promise.resolve();
  let next: Promise<void> | undefined;
  let restUntil = -Infinity;

  const write = async (): Promise<void> => {
    const rest = restUntil - clock.monotonic();
    if (rest > 0) await pause(clock, rest);
    next = undefined;
    const start = clock.monotonic();
    const text = options.encode();
    const spent = clock.monotonic() - start;
    if (spent > 1) restUntil = start + spent / encodeShare;
    try {
      await replaceFile(path, text);
    } catch (error) {
      log.error('a table could not be saved', { path, error: messageOf(error) });
      throw new RocketMQError('STORE_UNAVAILABLE', `${path} cannot be written: ${messageOf(error)}`, { cause: error });
    }
  };

  return {
    load: () => loadTable(options),
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

async function loadTable({ path, log, decode }: TableFileOptions): Promise<void> {
  const problems: string[] = [];
  for (const candidate of [path, `${path}.bak`]) {
    const text = await readIfThere(candidate);
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

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new RocketMQError('STORE_UNAVAILABLE', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  const fresh = `${path}.tmp`;
  makeDirectories(dirname(path));
  const file = await open(fresh, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await keepBackup(path);
  await rename(fresh, path);
  await syncDirectory(dirname(path));
}

/** A second name for what is about to be replaced: the file itself never goes missing. */
async function keepBackup(path: string): Promise<void> {
  const backup = `${path}.bak`;
  await rm(backup, { force: true });
  try {
    await link(path, backup);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/** Makes the renames themselves durable. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
