import { mkdir, open, readFile, rename, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { IdempotencyStore } from './idempotency.js';
import { MemoryIdempotencyStore } from './memory-idempotency-store.js';

/**
 * Remembers the latest keys over restarts, in a text file with a key a line. For one process: instances that share a
 * group need a store that they share. A key counts when it has been written; what an unclean end cut is forgotten.
 */
export class FileIdempotencyStore implements IdempotencyStore {
  readonly #path: string;
  readonly #maxEntries: number;
  #keys: MemoryIdempotencyStore;
  #file: Promise<FileHandle> | undefined;
  #lines = 0;
  #writing: Promise<void> = Promise.resolve();

  /** @param maxEntries - Beyond these the oldest keys are forgotten; the file holds twice as many at most. */
  constructor(path: string, maxEntries = 100_000) {
    this.#path = path;
    this.#maxEntries = maxEntries;
    this.#keys = new MemoryIdempotencyStore(maxEntries);
  }

  async has(key: string): Promise<boolean> {
    await this.#opened();
    return this.#keys.has(key);
  }

  async add(key: string): Promise<void> {
    await this.#opened();
    const written = this.#writing.then(() => this.#write(key));
    this.#writing = written.catch(() => undefined);
    await written;
  }

  /** Ends writing; the store opens its file again at the next use. */
  async close(): Promise<void> {
    await this.#writing;
    const file = this.#file;
    this.#file = undefined;
    await (await file)?.close();
  }

  #opened(): Promise<FileHandle> {
    this.#file ??= this.#open().catch((error: unknown) => {
      this.#file = undefined;
      throw error;
    });
    return this.#file;
  }

  async #open(): Promise<FileHandle> {
    await mkdir(dirname(this.#path), { recursive: true });
    const text = await readFile(this.#path, 'utf8').catch((error: unknown) => {
      if ((error as { code?: unknown }).code === 'ENOENT') return '';
      throw error;
    });
    // What follows the last line end was not written whole.
    const lines = text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line !== '')
      .slice(-this.#maxEntries);
    this.#keys = new MemoryIdempotencyStore(this.#maxEntries);
    for (const line of lines) this.#keys.add(keyIn(line));
    return this.#rewrite(lines);
  }

  async #write(key: string): Promise<void> {
    const line = JSON.stringify(key);
    if (this.#lines >= 2 * this.#maxEntries) {
      const old = await this.#opened();
      await old.close();
      this.#file = undefined;
    }
    const file = await this.#opened();
    await file.appendFile(`${line}\n`);
    this.#lines++;
    this.#keys.add(key);
  }

  async #rewrite(lines: readonly string[]): Promise<FileHandle> {
    const aside = `${this.#path}.tmp`;
    await writeFile(aside, lines.map((line) => `${line}\n`).join(''));
    await rename(aside, this.#path);
    this.#lines = lines.length;
    return open(this.#path, 'a');
  }
}

/** Somebody else's line is kept as it is. */
function keyIn(line: string): string {
  try {
    return String(JSON.parse(line));
  } catch {
    return line;
  }
}
