import { ConnectionName, ConsumerGroup, Optional, Whole } from '../options/checks.js';

/** Options of `RocketMQMicroserviceModule.forRoot`. */
export class RocketMQMicroserviceOptions {
  /** Of patterns that name none. */
  @Optional() @ConsumerGroup() consumerGroup?: string;
  /** The `name` of the `RocketMQModule.forRoot` of patterns that name none, and of RocketMQClient. Default: the one without a name. */
  @Optional() @ConnectionName() connection?: string;
  /** How long `RocketMQClient.send` waits for a reply, milliseconds. Default: the producer's sendMsgTimeout, 3000. */
  @Optional() @Whole(1, undefined, 'ms') timeout?: number;
}
