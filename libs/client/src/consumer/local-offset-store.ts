import { join } from 'node:path';
import { createTableFile, type Clock, type Logger, type TableFile } from '../../../common/src/index.js';
import { jsonBean, jsonLong, jsonPairs, messageQueueShape, readJson, writeJson } from '../../../protocol/src/index.js';
import type { MessageQueue } from '../contract/index.js';
import type { OffsetStore } from './offset-store.js';
import { OffsetTable } from './offset-table.js';

/** OffsetSerializeWrapper: offsets by queue, the queues as bare object keys. */
const offsetsFileShape = jsonBean({ offsetTable: jsonPairs(messageQueueShape, jsonLong) });

/**
 * Offsets of a broadcasting group: every process reads everything, so each keeps its own, in the file where Apache's
 * clients keep theirs.
 */
export class LocalOffsetStore implements OffsetStore {
  readonly #table = new OffsetTable();
  readonly #file: TableFile;
  #written = '';

  constructor(
    /** Client id in its stable form and group name the path below it. */
    location: { readonly dir: string; readonly clientId: string; readonly group: string },
    { clock, log }: { readonly clock: Clock; readonly log: Logger },
  ) {
    this.#file = createTableFile({
      path: join(location.dir, location.clientId, location.group, 'offsets.json'),
      clock,
      log,
      encode: () => (this.#written = this.#text()),
      decode: (text) => this.#take(text),
    });
  }

  /** @throws RocketMQError STORE_CORRUPT when neither the file nor its backup can be read, though one is there. */
  load(): Promise<void> {
    return this.#file.load();
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
  async persist(_queues: readonly MessageQueue[]): Promise<void> {
    if (this.#table.entries().length === 0 || this.#text() === this.#written) return this.#file.settled();
    await this.#file.save().catch(() => {
      // The file has logged why.
      this.#written = '';
    });
  }

  /** Nobody else consumes for us: the offset stays. */
  forget(): void {}

  #text(): string {
    const offsetTable = this.#table.entries().map(({ queue, offset }) => {
      const { topic, brokerName, queueId } = queue;
      return [{ topic, brokerName, queueId }, offset] as const;
    });
    return writeJson(offsetsFileShape.write({ offsetTable }) ?? null, 'pretty');
  }

  #take(text: string): void {
    const { offsetTable } = offsetsFileShape.read(readJson(text), '$');
    for (const [queue, offset] of offsetTable) this.#table.update(queue, offset, false);
  }
}
