import type { LocalTransactionState, OutgoingMessage } from '../../libs/client/src/index.js';
import { ConnectionName, Optional, ProducerGroup, Type } from '../options/checks.js';
import type { DefaultOptionsObject, OptionsOrFunctions } from '../options/option-functions.js';
import type { RocketMQMessage } from './handler-parameters.js';
import type { PayloadType } from './listener-options.js';

const transactionKey = 'rocketmq:transaction-listener';

/** What became of a local transaction; 'UNKNOWN': the broker asks later. In small letters, too. */
export type TransactionState = LocalTransactionState | Lowercase<LocalTransactionState>;

/** A class that `@RocketMQTransactionListener` stands on. */
export interface RocketMQTransactionListener<T = unknown> {
  /**
   * Runs for transactions that bring no function of their own, when the broker has stored the message and nobody can read
   * it yet. Thrown counts as UNKNOWN.
   */
  executeLocalTransaction?(message: OutgoingMessage, transactionId: string, arg: unknown): Promise<TransactionState>;
  /**
   * Answers a broker that was not told what became of a transaction of the group, this application's or another member's;
   * `message.msgId` is its transaction id. Thrown counts as UNKNOWN.
   */
  checkLocalTransaction(message: RocketMQMessage<T>): Promise<TransactionState>;
}

/** Options of `@RocketMQTransactionListener`. */
export class RocketMQTransactionListenerOptions {
  /** The `name` of the `RocketMQModule.forRoot` whose cluster this is. Default: the one without a name. */
  @Optional() @ConnectionName() connection?: string;
  /** The group whose transactions these are. Default: that of RocketMQTemplate (`producer.producerGroup` of the module). */
  @Optional() @ProducerGroup() producerGroup?: string;
  /** What payloads are turned into for `checkLocalTransaction`. Default: JSON objects and arrays are parsed, else text. */
  @Optional() @Type() payloadType?: PayloadType;
}

/**
 * Makes a provider answer for the transactions of a producer group; a group has one. Brokers that ask before the
 * application has started are told UNKNOWN, and ask again. A group other than the template's gets a producer of its own:
 * `RocketMQConnection.producerOf(group)`.
 *
 * @example
 * ```ts
 * \@Injectable()
 * \@RocketMQTransactionListener()
 * export class OrderTransactions implements RocketMQTransactionListener<Order> {
 *   async checkLocalTransaction({ payload }: RocketMQMessage<Order>) {
 *     return (await this.orders.exists(payload.id)) ? 'COMMIT' : 'ROLLBACK';
 *   }
 * }
 * ```
 */
export function RocketMQTransactionListener<O extends object = DefaultOptionsObject>(
  options: OptionsOrFunctions<RocketMQTransactionListenerOptions, O> = {},
): ClassDecorator {
  return (target) => Reflect.defineMetadata(transactionKey, options, target);
}

/** What the decorator stored on a class or an ancestor of it; undefined when nothing. */
export function transactionMarkOf(target: object): object | undefined {
  return Reflect.getMetadata(transactionKey, target) as object | undefined;
}
