import type { Clock, Logger } from '../../common/src/index.js';
import type { DelayLevels, MessageStore } from '../../store/src/index.js';
import type { BrokerConfig } from './broker-config.js';
import type { BrokerIdentity } from './broker-identity.js';
import type { DelayedDelivery } from './delay/delayed-delivery.js';
import type { TimedDelivery } from './delay/timer/timed-delivery.js';
import type { ConsumerFilterTable } from './filter/consumer-filter-table.js';
import type { MessageFilters } from './filter/message-filters.js';
import type { LiveConfig } from './live-config.js';
import type { PullHold } from './hold/pull-hold.js';
import type { BrokerStats } from './stats/broker-stats.js';
import type { ConsumerOffsetTable } from './tables/consumer-offset-table.js';
import type { ConsumerTable } from './tables/consumer-table.js';
import type { ProducerTable } from './tables/producer-table.js';
import type { QueueLockTable } from './tables/queue-lock-table.js';
import type { SubscriptionGroupTable } from './tables/subscription-group-table.js';
import type { TopicTable } from './tables/topic-table.js';
import type { Transactions } from './transaction/transactions.js';

/** What a broker is made of. Each handler names the parts it touches. */
export interface BrokerParts {
  /** Live keys change in place (UPDATE_BROKER_CONFIG): read them when they are needed. */
  readonly config: BrokerConfig;
  readonly liveConfig: LiveConfig;
  readonly clock: Clock;
  readonly log: Logger;
  /** In [0, 1), as Math.random. */
  readonly random: () => number;
  readonly identity: BrokerIdentity;
  readonly store: MessageStore;
  readonly delayLevels: DelayLevels;
  readonly delayed: DelayedDelivery;
  readonly timed: TimedDelivery;
  readonly transactions: Transactions;
  readonly topics: TopicTable;
  readonly groups: SubscriptionGroupTable;
  readonly offsets: ConsumerOffsetTable;
  readonly consumers: ConsumerTable;
  readonly producers: ProducerTable;
  /** SQL92 filters of consumer groups. */
  readonly filters: ConsumerFilterTable;
  /** Filters of the broker's host, by name. */
  readonly messageFilters: MessageFilters;
  readonly queueLocks: QueueLockTable;
  readonly hold: PullHold;
  readonly stats: BrokerStats;
  /** Makes the UNIQ_KEY of messages that come without. */
  readonly uniqueIds: () => string;
}
