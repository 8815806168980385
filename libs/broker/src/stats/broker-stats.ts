import type { Clock, Lifecycle } from '../../../common/src/index.js';
import { javaDouble } from '../../../protocol/src/index.js';
import { ConsumeRates } from './consume-rates.js';
import { PutLatency } from './put-latency.js';
import { RateWindow } from './rate-window.js';

const sampleInterval = 1000;
const consumeSampleEvery = 10;
const latencyPeriod = 60;

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
  readonly consumed = new ConsumeRates();
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
  private stopSampling: (() => void) | undefined;
  private samples = 0;
  private day = 0;

  constructor(private readonly clock: Clock) {}

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

  /** `elapsed` in milliseconds, `bytes` of bodies. */
  stored(messages: number, elapsed: number): void {
    this.putMessages += messages;
    this.latency.add(elapsed);
  }

  handedOut(group: string, topic: string, messages: number): void {
    this.getFound++;
    this.gotMessages += messages;
    this.consumed.add(group, topic, messages);
  }

  /** Messages a second that a group was handed of a topic. */
  consumeTps(group: string, topic: string): number {
    return this.consumed.rate(group, topic);
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

  private sample(): void {
    const now = this.clock.monotonic();
    this.windows.put.sample(now, this.putMessages);
    this.windows.found.sample(now, this.getFound);
    this.windows.missed.sample(now, this.getMissed);
    this.windows.transferred.sample(now, this.gotMessages);
    this.samples++;
    if (this.samples % consumeSampleEvery === 0) this.consumed.sample(now);
    if (this.samples % latencyPeriod === 0) this.latency.turn();
    const today = this.today();
    if (today === this.day) return;
    this.day = today;
    turnDay(this.putMarks, this.putMessages);
    turnDay(this.getMarks, this.gotMessages);
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
