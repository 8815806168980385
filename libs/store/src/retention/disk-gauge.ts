import { messageOf, type Logger } from '../../../common/src/index.js';
import type { StoreConfig } from '../config.js';
import type { Disk, DiskSpace } from '../disk/disk.js';

export interface DiskGaugeParts {
  readonly config: StoreConfig;
  readonly disk: Disk;
  readonly logger: Logger;
  /** Of the log, the queues, ...: they may be on several partitions. */
  readonly directories: readonly string[];
  /** Told at each look: why writes are refused, or undefined. */
  readonly onLook: (refusal: string | undefined) => void;
}

interface Fullness {
  readonly directory: string;
  readonly percent: number;
}

/** How full the partitions of the log and of the consume queues are, and what follows from it for writers. */
export class DiskGauge {
  private refusal: string | undefined;
  private fullest: Fullness = { directory: '', percent: 0 };

  constructor(private readonly parts: DiskGaugeParts) {}

  /** Whole percent in use, rounded up as Java does, of the fuller partition at the last look. */
  get percent(): number {
    return this.fullest.percent;
  }

  /** Asks the file system. A partition that does not answer keeps what was known of it. */
  look(): void {
    const { parts } = this;
    try {
      const measured = parts.directories.map((directory) => this.measure(directory));
      this.fullest = measured.reduce((fullest, each) => (each.percent > fullest.percent ? each : fullest));
    } catch (error) {
      parts.logger.error('the space left for the store could not be asked for', { error: messageOf(error) });
    }
    this.refuse();
  }

  private measure(directory: string): Fullness {
    return { directory, percent: Math.ceil(usedRatio(this.parts.disk.space(directory)) * 100) };
  }

  private refuse(): void {
    const { config, logger, onLook } = this.parts;
    const { directory, percent } = this.fullest;
    const limit = config.diskSpaceWarningLevelRatio;
    const wasFull = this.refusal !== undefined;
    this.refusal =
      percent > limit
        ? `the partition of ${directory} is ${percent} % full, diskSpaceWarningLevelRatio allows ${limit} %; ` +
          'free space there, or lower fileReservedTime: writes go on by themselves then'
        : undefined;
    if (this.refusal !== undefined && !wasFull) logger.error('writes are refused', { because: this.refusal });
    if (this.refusal === undefined && wasFull) logger.info('the disk has space again, writes go on', { percent });
    onLook(this.refusal);
  }
}

/** Used share of a partition, 0..1, the reserve of the super-user left out. */
export function usedRatio({ total, free, available }: DiskSpace): number {
  const used = total - free;
  return used + available > 0 ? used / (used + available) : 0;
}
