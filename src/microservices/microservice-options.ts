import { ConsumerGroup, Optional, Whole } from '../options/checks.js';

/** Options of `RocketMQMicroserviceModule.forRoot`. */
export class RocketMQMicroserviceOptions {
  /** Of patterns that name none. */
  @Optional() @ConsumerGroup() consumerGroup?: string;
  /** How long `RocketMQClient.send` waits for a reply, milliseconds. Default: the producer's sendMsgTimeout, 3000. */
  @Optional() @Whole(1, undefined, 'ms') timeout?: number;
}
