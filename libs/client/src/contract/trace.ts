/** Options of producers and push consumers that bear on message traces. */
export interface TraceConfig {
  /** Tells the trace topic of every message: when it was sent or handled, by whom, and how that ended. Default false. */
  readonly enableMsgTrace?: boolean;
  /** Default RMQ_SYS_TRACE_TOPIC, which a broker makes that has traceTopicEnable=true. */
  readonly customizedTraceTopic?: string;
}
