import { StatsCounter, type StatsPeriod } from './stats-counter.js';

/** Most topics, and most groups in topics, that are counted apart: names come from clients. */
export const maxStatsKeys = 20_000;

const separator = '@';

/** TOPIC_PUT_*, by topic. */
export interface TopicCounters {
  readonly putNums: StatsCounter;
  readonly putSize: StatsCounter;
}

/** GROUP_GET_* and SNDBCK_PUT_NUMS, by topic@group. */
export interface GroupCounters {
  readonly getNums: StatsCounter;
  readonly getSize: StatsCounter;
  /** Milliseconds. */
  readonly getLatency: StatsCounter;
  readonly sentBack: StatsCounter;
}

/** Counters of topics and of groups in topics. Beyond the limit new ones are counted where nobody looks. */
export class KeyedStats {
  private readonly topics = new Map<string, TopicCounters>();
  /** By group, then topic. */
  private readonly groups = new Map<string, Map<string, GroupCounters>>();
  private readonly otherTopics = topicCounters();
  private readonly otherGroups = groupCounters();
  private groupKeys = 0;

  constructor(private readonly limit = maxStatsKeys) {}

  topic(topic: string): TopicCounters {
    const known = this.topics.get(topic);
    if (known !== undefined) return known;
    if (this.topics.size >= this.limit) return this.otherTopics;
    const made = topicCounters();
    this.topics.set(topic, made);
    return made;
  }

  group(group: string, topic: string): GroupCounters {
    let topics = this.groups.get(group);
    const known = topics?.get(topic);
    if (known !== undefined) return known;
    if (this.groupKeys >= this.limit) return this.otherGroups;
    if (topics === undefined) this.groups.set(group, (topics = new Map()));
    const made = groupCounters();
    topics.set(topic, made);
    this.groupKeys++;
    return made;
  }

  /** By Apache's name of the statistic; undefined when nothing was counted. */
  find(name: string, key: string): StatsCounter | undefined {
    const counter = this.counterOf(name, key);
    return counter?.isUsed === true ? counter : undefined;
  }

  /** Forgets what stood still for a day. */
  sample(period: StatsPeriod, now: number): void {
    for (const [topic, counters] of this.topics) {
      if (isOverWith(counters, period, now)) this.topics.delete(topic);
    }
    for (const [group, topics] of this.groups) {
      for (const [topic, counters] of topics) if (isOverWith(counters, period, now)) this.forget(group, topic);
    }
  }

  forgetTopic(topic: string): void {
    this.topics.delete(topic);
    for (const group of this.groups.keys()) this.forget(group, topic);
  }

  forgetGroup(group: string): void {
    for (const topic of this.groups.get(group)?.keys() ?? []) this.forget(group, topic);
  }

  private forget(group: string, topic: string): void {
    const topics = this.groups.get(group);
    if (topics?.delete(topic) !== true) return;
    this.groupKeys--;
    if (topics.size === 0) this.groups.delete(group);
  }

  private counterOf(name: string, key: string): StatsCounter | undefined {
    switch (name) {
      case 'TOPIC_PUT_NUMS':
        return this.topics.get(key)?.putNums;
      case 'TOPIC_PUT_SIZE':
        return this.topics.get(key)?.putSize;
      case 'GROUP_GET_NUMS':
        return this.groupOf(key)?.getNums;
      case 'GROUP_GET_SIZE':
        return this.groupOf(key)?.getSize;
      case 'GROUP_GET_LATENCY':
        return this.groupOf(key)?.getLatency;
      case 'SNDBCK_PUT_NUMS':
        return this.groupOf(key)?.sentBack;
      default:
        return undefined;
    }
  }

  /** `key` is topic@group. */
  private groupOf(key: string): GroupCounters | undefined {
    const at = key.indexOf(separator);
    return this.groups.get(key.slice(at + 1))?.get(key.slice(0, Math.max(0, at)));
  }
}

function topicCounters(): TopicCounters {
  return { putNums: new StatsCounter(), putSize: new StatsCounter() };
}

function groupCounters(): GroupCounters {
  return {
    getNums: new StatsCounter(),
    getSize: new StatsCounter(),
    getLatency: new StatsCounter(),
    sentBack: new StatsCounter(),
  };
}

function isOverWith(counters: TopicCounters | GroupCounters, period: StatsPeriod, now: number): boolean {
  const all: StatsCounter[] = Object.values(counters);
  for (const counter of all) counter.sample(period, now);
  return all.every((counter) => counter.isIdle);
}
