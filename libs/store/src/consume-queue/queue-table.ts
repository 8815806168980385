import { join } from 'node:path';
import { SystemTopic, maxTopicLength } from '../../../protocol/src/message/index.js';
import type { DelayLevels } from '../delay-levels.js';
import type { Disk } from '../disk/disk.js';
import type { FilePool } from '../disk/file-pool.js';
import { ConsumeQueue } from './consume-queue.js';
import { QueueExtension } from './queue-extension.js';
import { QueueFiles } from './queue-files.js';

export interface QueueExtensionOptions {
  /** <storePathRootDir>/consumequeue_ext */
  readonly directory: string;
  /** Bytes of a file. */
  readonly fileSize: number;
  /** Whether new messages get a unit; those that are there are read in any case. */
  readonly isEnabled: boolean;
}

/** All consume queues, by topic and queue id. */
export class QueueTable {
  /** Where the log began when the queues were last cut to it: what their first offsets, taken together, stand for. */
  alignedTo = 0;
  /** Whether queues have, or get, files in consumequeue_ext. */
  readonly hasExtensions: boolean;
  private readonly topics = new Map<string, Map<number, ConsumeQueue>>();

  constructor(
    private readonly disk: Disk,
    private readonly pool: FilePool,
    readonly directory: string,
    private readonly fileSize: number,
    private readonly extension?: QueueExtensionOptions,
    private readonly delayLevels?: DelayLevels,
  ) {
    this.hasExtensions = extension !== undefined && (extension.isEnabled || disk.exists(extension.directory));
  }

  find(topic: string, queueId: number): ConsumeQueue | undefined {
    return this.topics.get(topic)?.get(queueId);
  }

  /** The queue, made when there is none. Undefined for a name that cannot be a topic's directory. */
  obtain(topic: string, queueId: number): ConsumeQueue | undefined {
    let queues = this.topics.get(topic);
    const found = queues?.get(queueId);
    if (found) return found;
    if (!isDirectoryName(topic) || !Number.isInteger(queueId) || queueId < 0) return undefined;
    if (!queues) {
      queues = new Map();
      this.topics.set(topic, queues);
    }
    const sibling = queues.values().next().value;
    const topicDirectory = sibling?.files.topicDirectory ?? join(this.directory, topic);
    const files = new QueueFiles(this.disk, this.pool, topicDirectory, queueId, this.fileSize);
    const topicBytes = sibling?.topicBytes ?? Buffer.from(topic, 'utf8');
    const isExtended = this.extension?.isEnabled ?? false;
    const queue = new ConsumeQueue(topic, queueId, topicBytes, files, this.extensionOf(topic, queueId), isExtended);
    if (topic === SystemTopic.SCHEDULE) queue.deliveryDelay = this.delayLevels?.delayOf(queueId + 1);
    queues.set(queueId, queue);
    return queue;
  }

  topicNames(): string[] {
    return [...this.topics.keys()];
  }

  *all(): IterableIterator<ConsumeQueue> {
    for (const queues of this.topics.values()) yield* queues.values();
  }

  /** Takes a topic out, with its files. */
  remove(topic: string): void {
    for (const queue of this.topics.get(topic)?.values() ?? []) queue.remove();
    this.topics.delete(topic);
    if (!isDirectoryName(topic)) return;
    this.disk.removeTree(join(this.directory, topic));
    if (this.hasExtensions && this.extension) this.disk.removeTree(join(this.extension.directory, topic));
  }

  private extensionOf(topic: string, queueId: number): QueueExtension | undefined {
    const { disk, pool, extension } = this;
    if (!this.hasExtensions || !extension) return undefined;
    return new QueueExtension(disk, pool, join(extension.directory, topic), queueId, extension.fileSize);
  }
}

/**
 * Topics become directories. The broker admits fewer names than this; the store makes sure that no name leaves its
 * directory, whoever asks.
 */
export function isDirectoryName(topic: string): boolean {
  return (
    topic !== '' &&
    topic !== '.' &&
    topic !== '..' &&
    // oxlint-disable-next-line no-control-regex -- control characters are what this is about
    !/[/\\:\u0000-\u001f]/.test(topic) &&
    Buffer.byteLength(topic) <= maxTopicLength
  );
}
