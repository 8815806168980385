import { copyFile, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RocketMQError, codeOf, makeDirectories, messageOf, type Logger } from '../../../common/src/index.js';
import {
  jsonBean,
  jsonLong,
  jsonPairs,
  messageQueueShape,
  readJson,
  writeJson,
  type ShapeType,
} from '../../../protocol/src/index.js';
import type { MessageQueue } from '../contract.js';
import type { OffsetStore } from './offset-store.js';
import { OffsetTable } from './offset-table.js';

/** OffsetSerializeWrapper: offsets by queue, the queues as bare object keys. */
const offsetsFileShape = jsonBean({ offsetTable: jsonPairs(messageQueueShape, jsonLong) });

/**
 * Offsets of a broadcasting group: every process reads everything, so each keeps its own, in the file where Apache's
 * clients keep theirs. Written beside and renamed, the version before kept as `.bak`: a crash leaves one of them whole.
 */
export class LocalOffsetStore implements OffsetStore {
  readonly #table = new OffsetTable();
  readonly #file: string;
  #written = '';
  #writing: Promise<void> = Promise.resolve();

  constructor(
    /** Client id in its stable form and group name the path below it. */
    location: { readonly dir: string; readonly clientId: string; readonly group: string },
    private readonly log: Logger,
  ) {
    this.#file = join(location.dir, location.clientId, location.group, 'offsets.json');
  }

  /** @throws RocketMQError STORE_CORRUPT when neither the file nor its backup can be read, though one is there. */
  async load(): Promise<void> {
    const offsets = (await this.#readFile(this.#file, true)) ?? (await this.#readFile(`${this.#file}.bak`, false));
    for (const [queue, offset] of offsets?.offsetTable ?? []) this.#table.update(queue, offset, false);
  }

  read(queue: MessageQueue): Promise<number | undefined> {
    return Promise.resolve(this.#table.get(queue));
  }

  current(queue: MessageQueue): number | undefined {
    return this.#table.get(queue);
  }

  update(queue: MessageQueue, offset: number, increaseOnly: boolean): void {
    this.#table.update(queue, offset, increaseOnly);
  }

  /** Writes all offsets: those of queues that are gone for now are still true. */
  persist(_queues: readonly MessageQueue[]): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  /** Nobody else consumes for us: the offset stays. */
  forget(): void {}

  async #write(): Promise<void> {
    const offsetTable = this.#table.entries().map(({ queue, offset }) => {
      const { topic, brokerName, queueId } = queue;
      return [{ topic, brokerName, queueId }, offset] as const;
    });
    const text = writeJson(offsetsFileShape.write({ offsetTable }) ?? null, 'pretty');
    if (text === this.#written || offsetTable.length === 0) return;
    try {
      makeDirectories(dirname(this.#file));
      await writeDurably(`${this.#file}.tmp`, text);
      await copyFile(this.#file, `${this.#file}.bak`).catch(unlessMissing);
      await rename(`${this.#file}.tmp`, this.#file);
      this.#written = text;
    } catch (error) {
      this.log.error('offsets of a broadcasting group not written', { file: this.#file, error: messageOf(error) });
    }
  }

  async #readFile(file: string, hasBackup: boolean): Promise<ShapeType<typeof offsetsFileShape> | undefined> {
    try {
      const text = await readFile(file, 'utf8');
      if (text.trim() !== '') return offsetsFileShape.read(readJson(text), '$');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      if (!hasBackup) throw new RocketMQError('STORE_CORRUPT', `${file}: ${messageOf(error)}`, { cause: error });
      this.log.warn('offsets file unreadable, its backup is used', { file, error: messageOf(error) });
    }
    return undefined;
  }
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'w');
  try {
    await handle.writeFile(text, 'utf8');
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function unlessMissing(error: unknown): void {
  if (codeOf(error) !== 'ENOENT') throw error;
}
