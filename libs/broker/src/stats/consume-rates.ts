/** Samples of 10 s that make the minute a rate is taken over. */
const samplesKept = 7;

interface Counter {
  total: number;
  readonly samples: { time: number; total: number }[];
}

/** Messages handed to each group of each topic, and how many a second over the last minute. */
export class ConsumeRates {
  private readonly groups = new Map<string, Map<string, Counter>>();

  add(group: string, topic: string, messages: number): void {
    let topics = this.groups.get(group);
    if (topics === undefined) this.groups.set(group, (topics = new Map()));
    const counter = topics.get(topic);
    if (counter === undefined) topics.set(topic, { total: messages, samples: [] });
    else counter.total += messages;
  }

  /** Messages a second. */
  rate(group: string, topic: string): number {
    const samples = this.groups.get(group)?.get(topic)?.samples ?? [];
    const first = samples[0];
    const last = samples.at(-1);
    if (first === undefined || last === undefined || last.time <= first.time) return 0;
    return ((last.total - first.total) * 1000) / (last.time - first.time);
  }

  /** To be called every 10 s. Counters that have not moved for a minute are forgotten. */
  sample(now: number): void {
    for (const [group, topics] of this.groups) {
      for (const [topic, counter] of topics) {
        const { samples, total } = counter;
        samples.push({ time: now, total });
        if (samples.length > samplesKept) samples.shift();
        if (samples.length === samplesKept && samples[0]?.total === total) topics.delete(topic);
      }
      if (topics.size === 0) this.groups.delete(group);
    }
  }
}
