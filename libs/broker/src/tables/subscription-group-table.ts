import { join } from 'node:path';
import { createTableFile, RocketMQError, type Clock, type Logger, type TableFile } from '../../../common/src/index.js';
import {
  groupNameProblem,
  subscriptionGroupTableShape,
  SystemGroup,
  systemGroupPrefix,
  type DataVersion,
  type SubscriptionGroupConfig,
  type SubscriptionGroupTable as SubscriptionGroups,
} from '../../../protocol/src/index.js';
import type { BrokerConfig } from '../broker-config.js';
import { nextVersion } from './data-version.js';
import { tableToText, textToTable } from './table-text.js';

/** Most groups: names come from clients, so their number must end somewhere. */
export const maxSubscriptionGroups = 100_000;

const builtInGroups: readonly string[] = [
  SystemGroup.TOOLS_CONSUMER,
  SystemGroup.FILTERSRV_CONSUMER,
  SystemGroup.SELF_TEST_CONSUMER,
  SystemGroup.ONS_HTTP_PROXY,
  SystemGroup.ONSAPI_PULL,
  SystemGroup.ONSAPI_PERMISSION,
  SystemGroup.ONSAPI_OWNER,
];

export interface SubscriptionGroupTableOptions {
  readonly config: BrokerConfig;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limit?: number;
}

/** Consumer groups and what they may do: config/subscriptionGroup.json. */
export class SubscriptionGroupTable {
  private readonly groups = new Map<string, SubscriptionGroupConfig>();
  private readonly file: TableFile;
  private readonly limit: number;
  private dataVersion: DataVersion;
  /** Written by 5.x brokers; kept for them. */
  private forbiddenTable: SubscriptionGroups['forbiddenTable'];

  constructor(private readonly options: SubscriptionGroupTableOptions) {
    const { config, clock, log } = options;
    this.limit = options.limit ?? maxSubscriptionGroups;
    this.dataVersion = { timestamp: clock.now(), counter: 0 };
    for (const name of builtInGroups) this.groups.set(name, defaultGroup(name));
    if (config.brokerVersion !== 'V4_9_7') this.groups.set(SystemGroup.TRANS, defaultGroup(SystemGroup.TRANS));
    this.file = createTableFile({
      path: join(config.storePathRootDir, 'config', 'subscriptionGroup.json'),
      clock,
      log,
      encode: () => tableToText(subscriptionGroupTableShape, this.snapshot()),
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

  has(group: string): boolean {
    return this.groups.has(group);
  }

  /** Undefined when there is none: asking makes none. */
  get(group: string): SubscriptionGroupConfig | undefined {
    return this.groups.get(group);
  }

  /** A view, not a copy. */
  snapshot(): SubscriptionGroups {
    const { dataVersion, forbiddenTable } = this;
    return { subscriptionGroupTable: this.groups, dataVersion, forbiddenTable };
  }

  /** The group's settings; made on the way when that is allowed and the name is one. */
  find(group: string): SubscriptionGroupConfig | undefined {
    const existing = this.groups.get(group);
    if (existing) return existing;
    if (!this.options.config.autoCreateSubscriptionGroup && !group.startsWith(systemGroupPrefix)) return undefined;
    if (groupNameProblem(group) !== undefined) return undefined;
    if (this.groups.size >= this.limit) {
      this.options.log.warn('a subscription group is not made: there are too many', { group, limit: this.limit });
      return undefined;
    }
    const made = defaultGroup(group);
    this.options.log.info('a subscription group is made', { group });
    this.groups.set(group, made);
    // Nothing is lost with it but itself: the next request makes it again.
    this.save().catch(() => undefined);
    return made;
  }

  /**
   * Makes or changes a group. Resolves when that is on disk.
   *
   * @throws RocketMQError ARGUMENT_INVALID when there are too many groups; STORE_UNAVAILABLE when it cannot be saved.
   */
  async update(group: SubscriptionGroupConfig): Promise<void> {
    if (!this.groups.has(group.groupName) && this.groups.size >= this.limit) {
      throw new RocketMQError('ARGUMENT_INVALID', `there are ${this.limit} subscription groups, the most allowed`);
    }
    this.groups.set(group.groupName, group);
    await this.save();
  }

  /**
   * Resolves when the change is on disk; false when there was no such group.
   *
   * @throws RocketMQError STORE_UNAVAILABLE when it cannot be saved.
   */
  async delete(groupName: string): Promise<boolean> {
    if (!this.groups.delete(groupName)) return false;
    await this.save();
    return true;
  }

  private save(): Promise<void> {
    this.dataVersion = nextVersion(this.dataVersion, this.options.clock);
    return this.file.save();
  }

  private take(text: string): void {
    const loaded = textToTable(subscriptionGroupTableShape, text);
    for (const [name, group] of loaded.subscriptionGroupTable) this.groups.set(name, { ...group, groupName: name });
    this.dataVersion = loaded.dataVersion;
    this.forbiddenTable = loaded.forbiddenTable;
  }
}

function defaultGroup(groupName: string): SubscriptionGroupConfig {
  return {
    groupName,
    consumeEnable: true,
    consumeFromMinEnable: true,
    consumeBroadcastEnable: true,
    retryQueueNums: 1,
    retryMaxTimes: 16,
    brokerId: 0,
    whichBrokerWhenConsumeSlowly: 1,
    notifyConsumerIdsChangedEnable: true,
  };
}
