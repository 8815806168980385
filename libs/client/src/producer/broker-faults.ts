import type { Clock, Logger, Timer } from '../../../common/src/index.js';
import type { MessageQueue } from '../contract/index.js';
import type { KnownTopic } from '../route/index.js';
import type { ProducerSettings } from './producer-settings.js';

interface Parts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly settings: Pick<
    ProducerSettings,
    'latencyMax' | 'notAvailableDuration' | 'startDetectorEnable' | 'detectInterval'
  >;
  /** Whether the broker answers; undefined when no route names it any more. */
  readonly probe: (brokerName: string) => Promise<boolean | undefined>;
}

/** What became of an attempt: stored or at least answered, refused by the broker, or not answered at all. */
export type AttemptOutcome = 'answered' | 'refused' | 'failed';

interface Fault {
  /** On the clock's monotonic time: the broker is left alone until then. */
  until: number;
  reachable: boolean;
  probedAt: number;
}

/** What failed counts as having taken this long. */
const latencyOfFailure = 10_000;
const detectorPeriod = 3_000;

/**
 * Which brokers to leave alone for a while: after a slow send, for a time that grows with the latency; after one that
 * failed, for as long as ten seconds of latency would mean. With the detector, a broker that failed is also not used before
 * it has answered a probe. One entry a broker that routes name.
 */
export class BrokerFaults {
  readonly #faults = new Map<string, Fault>();
  #detector: Timer | undefined;

  constructor(private readonly parts: Parts) {}

  start(): void {
    if (!this.parts.settings.startDetectorEnable) return;
    this.#detector = this.parts.clock.every(detectorPeriod, () => void this.#probeAll());
  }

  close(): void {
    this.#detector?.cancel();
  }

  /** A queue of a good broker, else of one that can be reached, else of any; another broker than last time if possible. */
  pick({ rotation, publishQueues: queues }: KnownTopic, avoidBroker: string | undefined): MessageQueue {
    const now = this.parts.clock.monotonic();
    return (
      rotation.nextWhere(queues, (name) => name !== avoidBroker && this.#isAvailable(name, now)) ??
      rotation.nextWhere(queues, (name) => name !== avoidBroker && this.#isReachable(name)) ??
      rotation.next(queues)
    );
  }

  /** @param latency of the attempt, milliseconds */
  record(brokerName: string, latency: number, outcome: AttemptOutcome): void {
    const duration = this.#durationFor(outcome === 'answered' ? latency : latencyOfFailure);
    const fault = this.#faults.get(brokerName) ?? { until: -Infinity, reachable: true, probedAt: -Infinity };
    // As in Java: a broker that refuses counts as unreachable, one that does not answer only where the detector will find out.
    fault.reachable = outcome === 'answered' || (outcome === 'failed' && !this.parts.settings.startDetectorEnable);
    if (duration > 0) fault.until = Math.max(fault.until, this.parts.clock.monotonic() + duration);
    if (duration > 0 || !fault.reachable) this.#faults.set(brokerName, fault);
    if (outcome !== 'answered') this.parts.log.debug('broker left alone', { brokerName, duration, outcome });
  }

  #isAvailable(brokerName: string, now: number): boolean {
    const fault = this.#faults.get(brokerName);
    if (fault === undefined) return true;
    return now >= fault.until && (fault.reachable || !this.parts.settings.startDetectorEnable);
  }

  #isReachable(brokerName: string): boolean {
    return this.#faults.get(brokerName)?.reachable ?? true;
  }

  #durationFor(latency: number): number {
    const { latencyMax, notAvailableDuration } = this.parts.settings;
    const step = latencyMax.findLastIndex((least) => latency >= least);
    return notAvailableDuration[step] ?? 0;
  }

  async #probeAll(): Promise<void> {
    const now = this.parts.clock.monotonic();
    for (const [brokerName, fault] of this.#faults) {
      if (now - fault.probedAt < this.parts.settings.detectInterval) continue;
      fault.probedAt = now;
      const answers = await this.parts.probe(brokerName);
      if (answers === undefined) this.#faults.delete(brokerName);
      else if (answers && !fault.reachable) {
        fault.reachable = true;
        this.parts.log.info('broker can be reached again', { brokerName });
      }
    }
  }
}
