import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { nextTurn, silentLogger, type Logger } from '../../common/src/index.js';
import type { MessageStore, StoreConfig } from '../../store/src/index.js';
import { createFaultyDisk, type FaultyDisk } from './fault-fs/index.js';
import { createManualClock } from './manual-clock.js';
import { StoreDirectory, appendOne } from './store-directory.js';

/** A store with very small files on simulated time, whose disk answers at once: for tests of what is deleted when. */
export class AgingStore {
  readonly fileSize = 4096;
  readonly hour = 3_600_000;
  /** cleanResourceInterval: between two looks at age and space, ms. */
  readonly interval = 10_000;
  readonly directory = new StoreDirectory();
  readonly clock = createManualClock();
  readonly disk: FaultyDisk = promptDisk();

  /** An hour of the day that is `distance` away. */
  hourOfDay(distance: number): string {
    return String((new Date(this.clock.now()).getHours() + distance) % 24);
  }

  /** Unless `changes` say so, nothing is deleted because of the hour. */
  start(changes: Partial<StoreConfig> = {}, log: Logger = silentLogger): Promise<MessageStore> {
    const config = {
      mappedFileSizeCommitLog: this.fileSize,
      deleteWhen: this.hourOfDay(12),
      deleteCommitLogFilesInterval: 0,
      deleteConsumeQueueFilesInterval: 0,
      ...changes,
    };
    return this.directory.start(config, { clock: this.clock, disk: this.disk, log });
  }

  /** Messages for `queueId` until the log has grown into its next file. Their bodies are 100 times `mark`. */
  async fillFile(store: MessageStore, mark = 0, queueId = 0): Promise<void> {
    const { fileSize } = this;
    const end = (Math.floor(store.figures().commitLogMaxOffset / fileSize) + 1) * fileSize;
    while (store.figures().commitLogMaxOffset < end) await appendOne(store, { body: Buffer.alloc(100, mark), queueId });
  }

  /** Five files and a little of the sixth, `step` ms apart by the wall clock; on the disk, and the first minute is over. */
  async fill(store: MessageStore, step = this.hour): Promise<void> {
    for (let file = 0; file < 5; file++) {
      await this.fillFile(store, file);
      this.clock.jump(step);
    }
    await this.advance(60_000);
  }

  /** Long enough for anything that was begun and does not wait for the clock. */
  async settle(): Promise<void> {
    for (let i = 0; i < 50; i++) await nextTurn();
  }

  /** Moves time on, a second at a time: the store's background work comes to its end in between. */
  async advance(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1000) {
      this.clock.advance(Math.min(left, 1000));
      await this.settle();
    }
  }

  /** Where the files of the log on disk begin. */
  logFiles(): number[] {
    return this.filesIn('commitlog');
  }

  queueFiles(queueId = 0): number[] {
    return this.filesIn('consumequeue', 'TopicTest', String(queueId));
  }

  remove(): Promise<void> {
    return this.directory.remove();
  }

  private filesIn(...names: string[]): number[] {
    return readdirSync(join(this.directory.path, ...names))
      .filter((name) => /^\d{20}$/.test(name))
      .map(Number);
  }
}

/** Nothing waits for the machine, so that a number of turns is enough for anything. */
function promptDisk(): FaultyDisk {
  const disk = createFaultyDisk();
  return Object.assign(disk, {
    fdatasync: () => Promise.resolve(),
    syncDirectory: () => Promise.resolve(),
    async read(fd: number, target: Uint8Array, position: number) {
      await disk.beforeRead?.(disk.pathOf(fd));
      return disk.readSync(fd, target, position);
    },
  });
}
