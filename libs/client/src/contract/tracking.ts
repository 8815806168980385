/**
 * What became of a message in a group. PULL: the group pulls by itself, and nobody keeps track; NOT_ONLINE: it has no
 * member now; CONSUME_BROADCASTING: every member has it for itself.
 */
export type TrackType =
  'CONSUMED' | 'CONSUMED_BUT_FILTERED' | 'PULL' | 'NOT_CONSUME_YET' | 'NOT_ONLINE' | 'CONSUME_BROADCASTING' | 'UNKNOWN';

/** What became of a message in one group. */
export interface MessageTrack {
  readonly consumerGroup: string;
  readonly trackType: TrackType;
  /** Why nothing is known, or nobody is online. */
  readonly exceptionDesc: string | undefined;
}

/** One thing that happened to a message, as a client traced it. What the kind does not tell is undefined. */
export interface MessageTrace {
  readonly kind: 'Pub' | 'SubBefore' | 'SubAfter' | 'EndTransaction' | 'Recall';
  readonly msgId: string;
  /** Of the producer or consumer; undefined in a SubAfter of clients in Apache's cloud. */
  readonly group: string | undefined;
  /** Of whoever sent the trace, "ip:port". */
  readonly clientHost: string;
  /** Milliseconds since the epoch. */
  readonly timeStamp: number | undefined;
  /** Milliseconds. */
  readonly costTime: number | undefined;
  readonly success: boolean | undefined;
  readonly topic: string | undefined;
  readonly tags: string | undefined;
  readonly keys: string | undefined;
  /** Of the broker that was sent to, "ip:port". */
  readonly storeHost: string | undefined;
  readonly offsetMsgId: string | undefined;
  /** Binds a SubBefore to its SubAfter. */
  readonly requestId: string | undefined;
  readonly retryTimes: number | undefined;
  /** COMMIT_MESSAGE, ROLLBACK_MESSAGE or UNKNOW. */
  readonly transactionState: string | undefined;
}

/** Where and how far back traces are looked for. */
export interface TraceQueryOptions {
  /** Default RMQ_SYS_TRACE_TOPIC. */
  readonly traceTopic?: string;
  /** Most trace messages a broker is asked for. Default 64. */
  readonly maxNum?: number;
  /** Stored at this time or later, and at this time or before; milliseconds since the epoch. Default: any time. */
  readonly begin?: number;
  readonly end?: number;
}
