import type { DeliveryDelay } from './delay.js';

/** A queue of a topic: messages have their order within it. */
export interface MessageQueue {
  readonly topic: string;
  readonly brokerName: string;
  readonly queueId: number;
}

/** What a producer takes. */
export interface OutgoingMessage extends DeliveryDelay {
  readonly topic: string;
  readonly body: Buffer | string;
  readonly tags?: string;
  readonly keys?: string | readonly string[];
  /** User properties; reserved names and the separators 0x01 and 0x02 are refused. */
  readonly properties?: Readonly<Record<string, string>>;
  readonly flag?: number;
  /** false: the broker acks without waiting for disk or slave. */
  readonly waitStoreMsgOK?: boolean;
}

/** A message as a broker handed it out. Times are milliseconds since the epoch, hosts "ip:port", sizes bytes. */
export interface ReceivedMessage {
  readonly topic: string;
  readonly body: Buffer;
  readonly tags: string | undefined;
  readonly keys: readonly string[];
  /** All properties, the system's too. */
  readonly properties: ReadonlyMap<string, string>;
  /** UNIQ_KEY, or the offset id when there is none. */
  readonly msgId: string;
  readonly offsetMsgId: string;
  readonly brokerName: string;
  readonly queueId: number;
  readonly queueOffset: number;
  readonly physicalOffset: number;
  readonly flag: number;
  readonly sysFlag: number;
  readonly bornTimestamp: number;
  readonly bornHost: string;
  readonly storeTimestamp: number;
  readonly storeHost: string;
  readonly reconsumeTimes: number;
  readonly bodyCrc: number;
  readonly storeSize: number;
}
