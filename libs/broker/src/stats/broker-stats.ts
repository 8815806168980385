import type { Clock, Lifecycle } from '../../../common/src/index.js';
import { javaDouble } from '../../../protocol/src/index.js';
import { KeyedStats, type TopicCounters } from './keyed-stats.js';
import { PutLatency } from './put-latency.js';
import { RateWindow } from './rate-window.js';
import { StatsCounter, type StatsPeriod } from './stats-counter.js';

const sampleInterval = 1000;
const latencyPeriod = 60;
/** Samples of the broker to one of a counter. */
const counterSamples: Readonly<Record<StatsPeriod, number>> = { minute: 10, hour: 600, day: 3600 };

/** Totals at the start of a day, to tell what came in since. */
interface DayMarks {
  yesterdayMorning: number;
  todayMorning: number;
}

/**
 * What the broker counts: sends, pulls, and what went through them. One owner, sampled once a second; the runtime table
 * of GET_BROKER_RUNTIME_INFO is read from it.
 */
export class BrokerStats implements Lifecycle {
  private readonly keyed = new KeyedStats();
  readonly latency = new PutLatency();
  /** Messages, batches counted by their messages. */
  putMessages = 0;
  putFailures = 0;
  /** Pulls that found something, and pulls that did not. */
  getFound = 0;
  getMissed = 0;
  /** Messages handed out. */
  gotMessages = 0;
  /** Longest store read, milliseconds. */
  getTimeMax = 0;

  readonly putMarks: DayMarks = { yesterdayMorning: 0, todayMorning: 0 };
  readonly getMarks: DayMarks = { yesterdayMorning: 0, todayMorning: 0 };
  private readonly windows = {
    put: new RateWindow(),
    found: new RateWindow(),
    missed: new RateWindow(),
    transferred: new RateWindow(),
  };
  /** Totals of the broker as counters: Java knows no calls of these two. */
  private readonly totals = { put: new StatsCounter(), got: new StatsCounter() };
  /** Sends of one topic follow each other: it is looked up once. Idle ones are forgotten, so not kept for long. */
  private lastTopic: string | undefined;
  private lastCounters: TopicCounters | undefined;
  private stopSampling: (() => void) | undefined;
  private samples = 0;
  private day = 0;

  constructor(
    private readonly clock: Clock,
    private readonly clusterName: string,
  ) {}

  start(): Promise<void> {
    this.day = this.today();
    this.sample();
    const timer = this.clock.every(sampleInterval, () => this.sample());
    this.stopSampling = () => timer.cancel();
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.stopSampling?.();
    return Promise.resolve();
  }

  /** `bytes` of whole records; `elapsed` in milliseconds. */
  stored(topic: string, messages: number, bytes: number, elapsed: number): void {
    this.putMessages += messages;
    this.latency.add(elapsed);
    let counters = this.lastCounters;
    if (counters === undefined || topic !== this.lastTopic) {
      this.lastTopic = topic;
      counters = this.lastCounters = this.keyed.topic(topic);
    }
    counters.putNums.add(messages);
    counters.putSize.add(bytes);
  }

  /** `elapsed` milliseconds from the request to its answer. */
  handedOut(group: string, topic: string, messages: number, bytes: number, elapsed: number): void {
    this.getFound++;
    this.gotMessages += messages;
    if (elapsed > this.getTimeMax) this.getTimeMax = Math.floor(elapsed);
    const counters = this.keyed.group(group, topic);
    counters.getNums.add(messages);
    counters.getSize.add(bytes);
    counters.getLatency.add(Math.floor(elapsed));
  }

  /** A message of the topic came back from the group. */
  sentBack(group: string, topic: string): void {
    this.keyed.group(group, topic).sentBack.add(1);
  }

  /** A statistic by Apache's name and its key: topic, topic@group or the cluster; undefined when nothing was counted. */
  find(name: string, key: string): StatsCounter | undefined {
    if (name === 'BROKER_PUT_NUMS' || name === 'BROKER_GET_NUMS') {
      const total = name === 'BROKER_PUT_NUMS' ? this.totals.put : this.totals.got;
      return key === this.clusterName && total.isUsed ? total : undefined;
    }
    return this.keyed.find(name, key);
  }

  /** Messages a second that came for a topic. */
  putRate(topic: string): number {
    return this.keyed.find('TOPIC_PUT_NUMS', topic)?.figures('minute').tps ?? 0;
  }

  /** Messages a second that a group was handed of a topic. */
  consumeRate(group: string, topic: string): number {
    return this.keyed.find('GROUP_GET_NUMS', `${topic}@${group}`)?.figures('minute').tps ?? 0;
  }

  /** Per second over 10 s, 60 s and 600 s, as "a b c". */
  putTps(): string {
    return rates((seconds) => this.windows.put.rate(seconds));
  }

  foundTps(): string {
    return rates((seconds) => this.windows.found.rate(seconds));
  }

  missedTps(): string {
    return rates((seconds) => this.windows.missed.rate(seconds));
  }

  totalTps(): string {
    return rates((seconds) => this.windows.found.rate(seconds) + this.windows.missed.rate(seconds));
  }

  transferredTps(): string {
    return rates((seconds) => this.windows.transferred.rate(seconds));
  }

  forgetTopic(topic: string): void {
    this.keyed.forgetTopic(topic);
    this.lastCounters = undefined;
  }

  forgetGroup(group: string): void {
    this.keyed.forgetGroup(group);
  }

  private sample(): void {
    const now = this.clock.monotonic();
    this.windows.put.sample(now, this.putMessages);
    this.windows.found.sample(now, this.getFound);
    this.windows.missed.sample(now, this.getMissed);
    this.windows.transferred.sample(now, this.gotMessages);
    this.samples++;
    for (const [period, every] of Object.entries(counterSamples)) {
      if (this.samples % every === 0) this.sampleCounters(period as StatsPeriod, now);
    }
    if (this.samples % latencyPeriod === 0) this.latency.turn();
    const today = this.today();
    if (today === this.day) return;
    this.day = today;
    turnDay(this.putMarks, this.putMessages);
    turnDay(this.getMarks, this.gotMessages);
  }

  private sampleCounters(period: StatsPeriod, now: number): void {
    const { put, got } = this.totals;
    put.sum = this.putMessages;
    got.sum = this.gotMessages;
    put.sample(period, now);
    got.sample(period, now);
    this.keyed.sample(period, now);
    this.lastCounters = undefined;
  }

  /** Local day of the month. */
  private today(): number {
    return new Date(this.clock.now()).getDate();
  }
}

function turnDay(marks: DayMarks, total: number): void {
  marks.yesterdayMorning = marks.todayMorning;
  marks.todayMorning = total;
}

function rates(rate: (seconds: number) => number): string {
  return [10, 60, 600].map((seconds) => javaDouble(rate(seconds))).join(' ');
}
