import { Optional, Whole } from '../options/checks.js';

/** What `RocketMQHealthIndicator.check` may be told. */
export class HealthCheckOptions {
  /** How long name servers and brokers may take to answer, milliseconds. Default 3000. */
  @Optional() @Whole(10, 60_000, 'ms') timeout?: number;
  /** Down when a group has more messages before it in the queues held here. Default: any number is well. */
  @Optional() @Whole(0, Number.MAX_SAFE_INTEGER) maxLag?: number;
}
