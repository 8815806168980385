import { join } from 'node:path';
import { createTableFile, type Clock, type Logger, type TableFile } from '../../../common/src/index.js';
import {
  dataVersionShape,
  jsonBean,
  jsonInt,
  jsonLong,
  jsonMap,
  optional,
  type DataVersion,
} from '../../../protocol/src/index.js';
import type { BrokerConfig } from '../broker-config.js';
import { nextVersion } from '../tables/data-version.js';
import { tableToText, textToTable } from '../tables/table-text.js';

const delayOffsetsShape = jsonBean({
  /** Since 5.0. */
  dataVersion: optional(dataVersionShape),
  offsetTable: jsonMap(jsonInt, jsonLong),
});

export interface DelayOffsetTableOptions {
  readonly config: BrokerConfig;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Up to which queue offset the messages of each delay level are delivered: config/delayOffset.json. */
export class DelayOffsetTable {
  private readonly offsets = new Map<number, number>();
  private readonly file: TableFile;
  private dataVersion: DataVersion | undefined;

  constructor(private readonly options: DelayOffsetTableOptions) {
    const { config, clock, log } = options;
    if (config.brokerVersion !== 'V4_9_7') this.dataVersion = { timestamp: clock.now(), counter: 0 };
    this.file = createTableFile({
      path: join(config.storePathRootDir, 'config', 'delayOffset.json'),
      clock,
      log,
      encode: () => tableToText(delayOffsetsShape, { offsetTable: this.offsets, dataVersion: this.dataVersion }),
      decode: (text) => {
        const { offsetTable, dataVersion } = textToTable(delayOffsetsShape, text);
        for (const [level, offset] of offsetTable) this.offsets.set(level, offset);
        this.dataVersion = dataVersion ?? this.dataVersion;
      },
    });
  }

  load(): Promise<void> {
    return this.file.load();
  }

  /** Resolves when no write of the table is under way. */
  settled(): Promise<void> {
    return this.file.settled();
  }

  get(level: number): number | undefined {
    return this.offsets.get(level);
  }

  /**
   * Takes these offsets to the disk, together with those of levels that are configured no more. Nothing is written unless
   * one of them moved, so that a table that could not be read stays as it is.
   */
  async save(offsets: ReadonlyMap<number, number>): Promise<void> {
    if (this.take(offsets)) await this.file.save();
  }

  private take(offsets: ReadonlyMap<number, number>): boolean {
    let changed = false;
    for (const [level, offset] of offsets) {
      if ((this.offsets.get(level) ?? 0) === offset) continue;
      this.offsets.set(level, offset);
      changed = true;
    }
    if (changed && this.dataVersion) this.dataVersion = nextVersion(this.dataVersion, this.options.clock);
    return changed;
  }
}
