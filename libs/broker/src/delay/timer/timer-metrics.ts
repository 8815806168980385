import { join } from 'node:path';
import {
  createTableFile,
  type Clock,
  type Logger,
  type TableDisk,
  type TableFile,
} from '../../../../common/src/index.js';
import {
  dataVersionShape,
  jsonBean,
  jsonLong,
  jsonMap,
  jsonText,
  type DataVersion,
} from '../../../../protocol/src/index.js';
import type { BrokerConfig } from '../../broker-config.js';
import { nextVersion } from '../../tables/data-version.js';
import { tableToText, textToTable } from '../../tables/table-text.js';

const timerMetricsShape = jsonBean({
  dataVersion: dataVersionShape,
  timingCount: jsonMap(jsonText, jsonBean({ count: jsonLong, timeStamp: jsonLong })),
});

export interface TimerMetricsOptions {
  readonly config: BrokerConfig;
  readonly clock: Clock;
  readonly log: Logger;
  /** The file system of this machine unless given. */
  readonly tableDisk?: TableDisk;
}

interface TopicCount {
  readonly count: number;
  readonly timeStamp: number;
}

/**
 * How many messages of each topic wait for their instant: config/timermetrics, as 5.x has it. For people to look at:
 * after a crash it may be off by what the last moments brought.
 */
export class TimerMetrics {
  private readonly counts = new Map<string, TopicCount>();
  private readonly file: TableFile;
  private dataVersion: DataVersion;
  private hasChanged = false;

  constructor(private readonly options: TimerMetricsOptions) {
    const { config, clock, log, tableDisk } = options;
    this.dataVersion = { timestamp: clock.now(), counter: 0 };
    this.file = createTableFile({
      path: join(config.storePathRootDir, 'config', 'timermetrics'),
      clock,
      log,
      ...(tableDisk && { disk: tableDisk }),
      encode: () => this.text(),
      decode: (text) => {
        const { dataVersion, timingCount } = textToTable(timerMetricsShape, text);
        for (const [topic, count] of timingCount) this.counts.set(topic, count);
        this.dataVersion = dataVersion;
      },
    });
  }

  load(): Promise<void> {
    return this.file.load();
  }

  settled(): Promise<void> {
    return this.file.settled();
  }

  /** Java's text. */
  text(): string {
    return tableToText(timerMetricsShape, { dataVersion: this.dataVersion, timingCount: this.counts });
  }

  add(topic: string, change: number): void {
    if (change === 0) return;
    const count = (this.counts.get(topic)?.count ?? 0) + change;
    this.counts.set(topic, { count, timeStamp: this.options.clock.now() });
    this.dataVersion = nextVersion(this.dataVersion, this.options.clock);
    this.hasChanged = true;
  }

  async save(): Promise<void> {
    if (!this.hasChanged) return;
    this.hasChanged = false;
    await this.file.save();
  }
}
