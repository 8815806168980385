import { Gauge } from 'prom-client';

/** A value and the labels it stands under. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Never rejects: a scrape has all other metrics to tell, too. */
export type Collector = () => Promise<readonly Sample[]>;

/** A gauge that asks at each scrape. Several applications of a process may add their values to it. */
export class CollectedGauge extends Gauge {
  readonly #collectors = new Set<Collector>();

  constructor(config: ConstructorParameters<typeof Gauge>[0]) {
    super({
      ...config,
      async collect(): Promise<void> {
        await (this as unknown as CollectedGauge).ask();
      },
    });
  }

  addCollector(collector: Collector): void {
    this.#collectors.add(collector);
  }

  removeCollector(collector: Collector): void {
    this.#collectors.delete(collector);
  }

  async ask(): Promise<void> {
    const samples = await Promise.all([...this.#collectors].map((collect) => collect()));
    // Scrapes may overlap: between these two nothing else runs.
    this.reset();
    for (const { labels, value } of samples.flat()) this.inc({ ...labels }, value);
  }
}
