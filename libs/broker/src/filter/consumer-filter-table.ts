import { join } from 'node:path';
import {
  createTableFile,
  messageOf,
  RocketMQError,
  type Clock,
  type Logger,
  type TableFile,
} from '../../../common/src/index.js';
import {
  jsonBean,
  jsonBool,
  jsonInt,
  jsonList,
  jsonLong,
  jsonMap,
  jsonText,
  optional,
  type ShapeType,
  type SubscriptionData,
} from '../../../protocol/src/index.js';
import type { BrokerConfig } from '../broker-config.js';
import { tableToText, textToTable } from '../tables/table-text.js';
import { BloomFilter } from './bloom-filter.js';
import { Expressions, isTagExpression } from './expressions.js';
import type { SqlFilter } from './sql/sql-filter.js';

/** Java's ConsumerFilterData. */
const filterDataShape = jsonBean({
  bloomFilterData: optional(jsonBean({ bitNum: jsonInt, bitPos: jsonList(jsonInt) })),
  bornTime: jsonLong,
  clientVersion: jsonLong,
  consumerGroup: jsonText,
  /** Follows from the times; written because Java writes it. */
  dead: jsonBool,
  deadTime: jsonLong,
  expression: jsonText,
  expressionType: jsonText,
  topic: jsonText,
});

export type ConsumerFilterData = ShapeType<typeof filterDataShape>;

const filterFileShape = jsonBean({
  filterDataByTopic: jsonMap(
    jsonText,
    jsonBean({ groupFilterData: jsonMap(jsonText, filterDataShape), topic: jsonText }),
  ),
});

/** The filter of one group in one topic. */
export interface ConsumerFilter extends Omit<ConsumerFilterData, 'dead'> {
  readonly compiled: SqlFilter;
}

export interface ConsumerFilterTableOptions {
  readonly config: BrokerConfig;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limit?: number;
}

/** At a start every group counts as gone since then, as Java has it, until its heartbeat says otherwise. */
const goneBefore = 30_000;
/** Topics and groups are named by clients, so their number must end somewhere. */
export const maxConsumerFilters = 20_000;
/** Characters of all their expressions. */
export const maxFilterTexts = 4 * 1024 * 1024;

/**
 * SQL92 filters by topic and group: config/consumerFilter.json. Heartbeats bring them; a group that has left keeps its
 * filter for filterDataCleanTimeSpan, so that bit maps calculated meanwhile stay right when it comes back.
 */
export class ConsumerFilterTable {
  readonly expressions = new Expressions();
  readonly bloom: BloomFilter;
  private readonly topics = new Map<string, Map<string, ConsumerFilter>>();
  private readonly file: TableFile;
  private isDirty = false;

  constructor(private readonly options: ConsumerFilterTableOptions) {
    const { config, clock, log } = options;
    this.bloom = new BloomFilter(config.maxErrorRateOfBloomFilter, config.expectConsumerNumUseFilter);
    this.file = createTableFile({
      path: join(config.storePathRootDir, 'config', 'consumerFilter.json'),
      clock,
      log,
      encode: () => tableToText(filterFileShape, this.snapshot()),
      decode: (text) => this.take(textToTable(filterFileShape, text)),
    });
  }

  load(): Promise<void> {
    return this.file.load();
  }

  /** Resolves when no write of the table is under way. */
  settled(): Promise<void> {
    return this.file.settled();
  }

  /** What is here is on disk afterwards. */
  async save(): Promise<void> {
    this.clean();
    if (!this.isDirty) return;
    this.isDirty = false;
    try {
      await this.file.save();
    } catch (error) {
      this.isDirty = true;
      throw error;
    }
  }

  find(topic: string, group: string): ConsumerFilter | undefined {
    return this.topics.get(topic)?.get(group);
  }

  /** Of all groups, those that have left too. */
  inTopic(topic: string): Iterable<ConsumerFilter> | undefined {
    return this.topics.get(topic)?.values();
  }

  /** Takes over what a heartbeat says of a group: filters in topics that it names no more end. */
  register(group: string, subscriptions: readonly SubscriptionData[]): void {
    for (const subscription of subscriptions) {
      if (!isTagExpression(subscription.expressionType) && subscription.subString !== '') {
        this.registerOne(group, subscription);
      }
    }
    if (this.topics.size === 0) return;
    const named = new Set(subscriptions.map(({ topic }) => topic));
    this.end(group, (topic) => !named.has(topic));
  }

  /** The last member of the group has left. */
  unregister(group: string): void {
    this.end(group, () => true);
  }

  private registerOne(group: string, subscription: SubscriptionData): void {
    const { topic, subString: expression, expressionType, subVersion: clientVersion } = subscription;
    const old = this.find(topic, group);
    if (old !== undefined && clientVersion <= old.clientVersion) {
      // An older member says otherwise: the newest subscription counts, as it does for tags.
      if (clientVersion === old.clientVersion && isDead(old)) this.put({ ...old, deadTime: 0 });
      return;
    }
    if (old !== undefined && old.expression === expression && old.expressionType === expressionType) {
      this.put({ ...old, clientVersion, deadTime: isDead(old) ? 0 : old.deadTime });
      return;
    }
    const { clock, log, limit = maxConsumerFilters } = this.options;
    try {
      this.refuseMore(expression, limit - (old === undefined ? 1 : 0));
      const bloomFilterData = {
        bitNum: this.bloom.bitCount,
        bitPos: this.bloom.positionsOf(`${group}#${topic}`),
      };
      const compiled = this.expressions.compile(expression, expressionType);
      const data = { consumerGroup: group, topic, expression, expressionType, clientVersion, bloomFilterData };
      this.put({ ...data, compiled, bornTime: clock.now(), deadTime: 0 });
      log.info('a consumer filters by SQL92', { group, topic });
    } catch (error) {
      // Without a filter its pulls are refused, which tells it.
      this.remove(topic, group);
      log.warn('a filter was refused', { group, topic, reason: messageOf(error) });
    }
  }

  private end(group: string, isMeant: (topic: string) => boolean): void {
    const deadTime = this.options.clock.now();
    for (const [topic, groups] of this.topics) {
      const filter = groups.get(group);
      if (filter !== undefined && isMeant(topic) && !isDead(filter)) this.put({ ...filter, deadTime });
    }
  }

  /** @throws RocketMQError TOO_MANY_REQUESTS when there are more than `most` filters, or their texts are too long. */
  private refuseMore(expression: string, most: number): void {
    let [count, length] = [0, expression.length];
    for (const groups of this.topics.values()) {
      count += groups.size;
      for (const filter of groups.values()) length += filter.expression.length;
    }
    if (count <= most && length <= maxFilterTexts) return;
    throw new RocketMQError('TOO_MANY_REQUESTS', `there are ${count} filters of consumers already, which is enough`);
  }

  private put(filter: ConsumerFilter): void {
    const groups = this.topics.get(filter.topic);
    if (groups === undefined) this.topics.set(filter.topic, new Map([[filter.consumerGroup, filter]]));
    else groups.set(filter.consumerGroup, filter);
    this.isDirty = true;
  }

  private remove(topic: string, group: string): void {
    const groups = this.topics.get(topic);
    if (groups?.delete(group) !== true) return;
    if (groups.size === 0) this.topics.delete(topic);
    this.isDirty = true;
  }

  private clean(): void {
    const { clock, config } = this.options;
    const goneSince = clock.now() - config.filterDataCleanTimeSpan;
    for (const [topic, groups] of this.topics) {
      for (const filter of groups.values()) {
        if (isDead(filter) && filter.deadTime <= goneSince) this.remove(topic, filter.consumerGroup);
      }
    }
  }

  private snapshot(): ShapeType<typeof filterFileShape> {
    const filterDataByTopic = new Map(
      [...this.topics].map(([topic, groups]) => {
        const groupFilterData = new Map([...groups].map(([group, filter]) => [group, dataOf(filter)]));
        return [topic, { groupFilterData, topic }];
      }),
    );
    return { filterDataByTopic };
  }

  /** Bit maps of another size mean other positions: then all is forgotten, as in Java. */
  private take({ filterDataByTopic }: ShapeType<typeof filterFileShape>): void {
    const { clock, log } = this.options;
    const found = [...filterDataByTopic.values()].flatMap(({ groupFilterData }) => [...groupFilterData.values()]);
    if (found.some(({ bloomFilterData }) => bloomFilterData === undefined || !this.bloom.isValid(bloomFilterData))) {
      log.info('filters of consumers were forgotten: their bit maps had another size');
      return;
    }
    for (const data of found) {
      try {
        const compiled = this.expressions.compile(data.expression, data.expressionType);
        const gone = Math.max(data.bornTime, clock.now() - goneBefore);
        this.put({ ...data, compiled, deadTime: data.deadTime === 0 ? gone : data.deadTime });
      } catch (error) {
        const { topic, consumerGroup: group } = data;
        log.warn('a filter in consumerFilter.json was passed over', { group, topic, reason: messageOf(error) });
      }
    }
    this.isDirty = false;
  }
}

function dataOf({ compiled: _compiled, ...data }: ConsumerFilter): ConsumerFilterData {
  return { ...data, dead: data.deadTime >= data.bornTime };
}

/** As fastjson prints it for QUERY_CONSUME_QUEUE. */
export function filterDataText(filter: ConsumerFilter | undefined): string {
  return filter === undefined ? 'null' : tableToText(filterDataShape, dataOf(filter));
}

/** A filter that was dead and came back has 0 there. */
function isDead({ bornTime, deadTime }: ConsumerFilter): boolean {
  return deadTime >= bornTime;
}
