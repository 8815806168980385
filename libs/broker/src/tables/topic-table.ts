import { join } from 'node:path';
import { createTableFile, RocketMQError, type Clock, type Logger, type TableFile } from '../../../common/src/index.js';
import {
  autoCreateTopicKey,
  isInherited,
  isSystemTopic,
  Permission,
  topicConfigTableShape,
  topicNameProblem,
  type DataVersion,
  type TopicConfig,
  type TopicConfigTable,
} from '../../../protocol/src/index.js';
import type { BrokerConfig } from '../broker-config.js';
import { builtInTopics } from './built-in-topics.js';
import { nextVersion } from './data-version.js';
import { tableToText, textToTable } from './table-text.js';

/** Most topics: names come from clients, so their number must end somewhere. */
export const maxTopics = 100_000;
/** Most queues of a topic, as far as they may be set from outside. */
export const maxQueuesPerTopic = 65_535;

export interface TopicTableOptions {
  readonly config: BrokerConfig;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limit?: number;
}

/** What a producer said about the topic it made by sending to it. */
export interface AutoCreation {
  readonly topic: string;
  /** The topic to take permission and queues from, usually TBW102. */
  readonly defaultTopic: string;
  readonly defaultTopicQueueNums: number;
  readonly topicSysFlag: number;
}

/** Topics and their settings: config/topics.json. */
export class TopicTable {
  private readonly topics = new Map<string, TopicConfig>();
  private readonly builtIn: ReadonlySet<string>;
  private readonly file: TableFile;
  private readonly limit: number;
  /** Topics made but not yet on disk, with the write that will put them there. */
  private readonly unsaved = new Map<string, Promise<void>>();
  private readonly changed: (() => void)[] = [];
  private dataVersion: DataVersion;

  constructor(private readonly options: TopicTableOptions) {
    const { config, clock, log } = options;
    this.limit = options.limit ?? maxTopics;
    this.dataVersion = { timestamp: clock.now(), counter: 0 };
    const builtIn = builtInTopics(config);
    for (const topic of builtIn) this.topics.set(topic.topicName, topic);
    this.builtIn = new Set(builtIn.map((topic) => topic.topicName));
    this.file = createTableFile({
      path: join(config.storePathRootDir, 'config', 'topics.json'),
      clock,
      log,
      encode: () => tableToText(topicConfigTableShape, this.snapshot()),
      decode: (text) => this.take(text),
    });
  }

  load(): Promise<void> {
    return this.file.load();
  }

  /** Resolves when no write of the table is under way. */
  settled(): Promise<void> {
    return this.file.settled();
  }

  get(topic: string): TopicConfig | undefined {
    return this.topics.get(topic);
  }

  values(): Iterable<TopicConfig> {
    return this.topics.values();
  }

  get version(): DataVersion {
    return this.dataVersion;
  }

  /** A view, not a copy. */
  snapshot(): TopicConfigTable {
    return { topicConfigTable: this.topics, dataVersion: this.dataVersion };
  }

  /** Topics that are the brokers' own: they cannot be changed or deleted from outside. */
  isSystem(topic: string): boolean {
    return this.builtIn.has(topic) || isSystemTopic(topic);
  }

  /** Undefined, unless the topic was just made: then what to wait for before anything in it may be acknowledged. */
  saving(topic: string): Promise<void> | undefined {
    return this.unsaved.size === 0 ? undefined : this.unsaved.get(topic);
  }

  /** Runs after each change, when name servers should hear of it. */
  onChange(listener: () => void): void {
    this.changed.push(listener);
  }

  /** Makes a topic as the default topic allows, or returns why not. */
  createByDefault(creation: AutoCreation): TopicConfig | undefined {
    const { config, log } = this.options;
    const model = this.topics.get(creation.defaultTopic);
    if (model === undefined || !isInherited(model.perm)) return undefined;
    // TBW102 may be left over from a time when topics were made by sending.
    if (creation.defaultTopic === autoCreateTopicKey && !config.autoCreateTopicEnable) return undefined;
    const queues = Math.max(0, Math.min(creation.defaultTopicQueueNums, model.writeQueueNums));
    const topic: TopicConfig = {
      topicName: creation.topic,
      readQueueNums: queues,
      writeQueueNums: queues,
      perm: model.perm & ~Permission.INHERIT,
      topicFilterType: model.topicFilterType,
      topicSysFlag: creation.topicSysFlag,
      order: false,
    };
    log.info('a topic is made at its first send', { topic: topic.topicName, queues, defaultTopic: model.topicName });
    return this.add(topic) ? topic : undefined;
  }

  /** Makes a topic unless it is there: those of retries and dead letters. Undefined when it cannot be made. */
  createIfAbsent(topicName: string, queues: number, perm: number, topicSysFlag: number): TopicConfig | undefined {
    const existing = this.topics.get(topicName);
    if (existing) return existing;
    const topic: TopicConfig = {
      topicName,
      readQueueNums: queues,
      writeQueueNums: queues,
      perm,
      topicFilterType: 'SINGLE_TAG',
      topicSysFlag,
      order: false,
    };
    return this.add(topic) ? topic : undefined;
  }

  /**
   * Makes or changes a topic. Resolves when that is on disk.
   *
   * @throws RocketMQError ARGUMENT_INVALID when there are too many topics; STORE_UNAVAILABLE when it cannot be saved.
   */
  async update(topic: TopicConfig): Promise<void> {
    if (!this.add(topic))
      throw new RocketMQError('ARGUMENT_INVALID', `there are ${this.limit} topics, the most allowed`);
    await this.saving(topic.topicName);
  }

  /** Resolves when the change is on disk; false when there was no such topic. */
  async delete(topicName: string): Promise<boolean> {
    if (!this.topics.delete(topicName)) return false;
    this.touch();
    await this.file.save();
    return true;
  }

  /** Takes over which topics are ordered, as a name server's ORDER_TOPIC_CONFIG says. */
  applyOrder(ordered: ReadonlySet<string>): void {
    let touched = false;
    for (const [name, topic] of this.topics) {
      if (topic.order === ordered.has(name)) continue;
      this.topics.set(name, { ...topic, order: !topic.order });
      touched = true;
    }
    if (!touched) return;
    this.dataVersion = nextVersion(this.dataVersion, this.options.clock);
    this.file.save().catch(() => undefined);
  }

  /** Name servers must hear of it although no topic changed: what the broker allows did. */
  touch(): void {
    this.dataVersion = nextVersion(this.dataVersion, this.options.clock);
    for (const listener of this.changed) listener();
  }

  private add(topic: TopicConfig): boolean {
    const { topicName } = topic;
    if (topicNameProblem(topicName) !== undefined) return false;
    if (!this.topics.has(topicName) && this.topics.size >= this.limit) {
      this.options.log.warn('a topic is not made: there are too many', { topic: topicName, limit: this.limit });
      return false;
    }
    this.topics.set(topicName, topic);
    this.touch();
    const saving = this.file.save();
    this.unsaved.set(topicName, saving);
    const forget = (): void => {
      if (this.unsaved.get(topicName) === saving) this.unsaved.delete(topicName);
    };
    saving.then(forget, forget);
    return true;
  }

  private take(text: string): void {
    const loaded = textToTable(topicConfigTableShape, text);
    for (const [name, topic] of loaded.topicConfigTable) this.topics.set(name, { ...topic, topicName: name });
    this.dataVersion = loaded.dataVersion;
  }
}
