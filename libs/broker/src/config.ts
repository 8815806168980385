import { configTable } from '../../common/src/index.js';

// prettier-ignore
/** Keys of Apache's BrokerConfig, its Netty configuration and the roles of its store that take effect here. */
export const brokerConfigTable = configTable({
  namesrvAddr: { kind: 'string', default: '', live: true, important: true, note: 'Name servers, host:port;host:port. Default: the environment\'s rocketmq.namesrv.addr, else NAMESRV_ADDR.' },
  fetchNamesrvAddrByAddressServer: { kind: 'boolean', default: false, important: true, note: 'Without namesrvAddr: asks an HTTP address server for them, at the start, after 10 s and every two minutes.' },
  rmqAddressServerDomain: { kind: 'string', default: '', note: 'That server, host (port 8080) or host:port. Default: the environment\'s rocketmq.namesrv.domain; Apache\'s own domain is never asked.' },
  rmqAddressServerSubGroup: { kind: 'string', default: '', note: 'Its path below /rocketmq/. Default: the environment\'s rocketmq.namesrv.domain.subgroup, else nsaddr.' },
  listenPort: { kind: 'int', default: 10911, min: 0, max: 65535, important: true, note: 'Port; the VIP port is two below. 0 = a free one, and then no VIP port.' },
  bindAddress: { kind: 'string', default: '', important: true, note: 'Address to bind; 0.0.0.0 for all. Default: brokerIP1 when that is set, else 127.0.0.1.' },
  brokerIP1: { kind: 'string', default: '', important: true, note: 'Address to register with the name servers and to put into message ids. Default: bindAddress when that is set, else 127.0.0.1.' },
  brokerName: { kind: 'string', default: '', important: true, note: 'Default: the host name.' },
  brokerClusterName: { kind: 'string', default: 'DefaultCluster', important: true, note: 'Cluster it belongs to.' },
  brokerId: { kind: 'long', default: 0, min: 0, important: true, unsupported: 'a broker is a master (0): slaves are not served', note: '0 is the master.' },
  brokerVersion: {
    kind: 'enum', values: ['V4_9_7', 'V5_3_3'], default: 'V4_9_7',
    note: 'Release of Apache it presents itself as: the version in its frames, its built-in topics and groups, and the properties it adds to messages.',
  },
  brokerRole: {
    kind: 'enum', values: ['ASYNC_MASTER', 'SYNC_MASTER', 'SLAVE'], default: 'ASYNC_MASTER', important: true,
    unsupported: 'replication is not served, a broker is an ASYNC_MASTER', note: 'Part in replication.',
  },
  enableDLegerCommitLog: { kind: 'boolean', default: false, unsupported: 'DLedger is not served', note: 'Commit log replicated by DLedger.' },
  enableControllerMode: { kind: 'boolean', default: false, unsupported: 'controller mode is not served', note: 'Roles given by a controller.' },
  duplicationEnable: { kind: 'boolean', default: false, unsupported: 'replication is not served', note: 'Accepts writes while it copies a master.' },
  aclEnable: { kind: 'boolean', default: false, unsupported: 'access control is not served', note: 'Access control by plain_acl.yml.' },
  authenticationEnabled: { kind: 'boolean', default: false, unsupported: 'access control is not served', note: 'Authentication of 5.x.' },
  authorizationEnabled: { kind: 'boolean', default: false, unsupported: 'access control is not served', note: 'Authorization of 5.x.' },
  messageStorePlugIn: { kind: 'string', default: '', unsupported: 'store plug-ins are Java classes', note: 'Store plug-ins.' },

  brokerPermission: { kind: 'int', default: 6, min: 0, max: 7, live: true, note: 'What clients may do: 2 write, 4 read, 6 both.' },
  autoCreateTopicEnable: { kind: 'boolean', default: true, live: true, important: true, note: 'Make topics at the first send.' },
  autoCreateSubscriptionGroup: { kind: 'boolean', default: true, live: true, important: true, note: 'Make subscription groups at the first heartbeat or pull.' },
  defaultTopicQueueNums: { kind: 'int', default: 8, min: 1, max: 1024, important: true, note: 'Most queues of a topic made at the first send.' },
  clusterTopicEnable: { kind: 'boolean', default: true, note: 'The topic named after the cluster may be used.' },
  brokerTopicEnable: { kind: 'boolean', default: true, note: 'The topic named after the broker may be used.' },
  traceTopicEnable: { kind: 'boolean', default: false, important: true, note: 'Makes the topic for message traces.' },
  msgTraceTopicName: { kind: 'string', default: 'RMQ_SYS_TRACE_TOPIC', important: true, note: 'Name of that topic.' },
  regionId: { kind: 'string', default: 'DefaultRegion', note: 'Region told to producers in each answer.' },
  storeReplyMessageEnable: { kind: 'boolean', default: true, live: true, note: 'Stores replies in the reply topic, too, after they were handed to whom they are for.' },
  traceOn: { kind: 'boolean', default: true, live: true, note: 'Tells producers whether traces are wanted.' },
  startAcceptSendRequestTimeStamp: { kind: 'long', default: 0, min: 0, live: true, unit: 'ms', note: 'Sends are refused before this instant.' },

  enablePropertyFilter: { kind: 'boolean', default: false, live: true, note: 'Lets consumers filter by SQL92. A broker hosted by BrokerModule lets them unless it is set.' },
  filterSupportRetry: { kind: 'boolean', default: false, live: true, note: 'Applies a group\'s SQL92 filter to messages of its retry topic too, when the retry topic is subscribed to by SQL92.' },
  filterDataCleanTimeSpan: { kind: 'long', default: 86_400_000, min: 0, live: true, unit: 'ms', note: 'How long the SQL92 filters of groups that have left are kept.' },
  enableCalcFilterBitMap: { kind: 'boolean', default: false, live: true, note: 'With enableConsumeQueueExt: notes for each message, in few bits, which SQL92 filters take it.' },
  expectConsumerNumUseFilter: { kind: 'int', default: 32, min: 1, max: 10_000, note: 'Filters in one topic that these bits are meant for.' },
  maxErrorRateOfBloomFilter: { kind: 'int', default: 20, min: 1, max: 99, unit: 'percent', note: 'How often the bits may say yes of a message that the filter refuses.' },
  recallMessageEnable: { kind: 'boolean', default: false, live: true, note: 'Whether messages that wait for their instant can be called back (RECALL_MESSAGE).' },
  allowRecallWhenBrokerNotWriteable: { kind: 'boolean', default: true, live: true, note: 'Whether that works while brokerPermission forbids sends, too.' },
  rejectTransactionMessage: { kind: 'boolean', default: false, live: true, important: true, note: 'Refuses messages of transactions.' },
  transactionTimeOut: { kind: 'long', default: 6000, min: 1, max: 86_400_000, live: true, important: true, unit: 'ms', note: 'Age below which nobody is asked about a half message, unless its sender said another (CHECK_IMMUNITY_TIME_IN_SECONDS).' },
  transactionCheckInterval: { kind: 'long', default: 30_000, min: 100, max: 86_400_000, live: true, important: true, unit: 'ms', note: 'Time between two looks at half messages without an end. As V4_9_7 the default is 60000.' },
  transactionCheckMax: { kind: 'int', default: 15, min: 1, max: 10_000, live: true, important: true, note: 'Times that producers are asked about a half message; after that it goes to TRANS_CHECK_MAX_TIME_TOPIC.' },
  transactionOpMsgMaxSize: { kind: 'int', default: 4096, min: 20, max: 1_048_576, live: true, unit: 'bytes', note: 'Ends of transactions that are written down together; as V4_9_7 each is written by itself.' },
  transactionOpBatchInterval: { kind: 'int', default: 3000, min: 1, max: 60_000, live: true, unit: 'ms', note: 'Longest that an end of a transaction waits for others to be written with.' },

  longPollingEnable: { kind: 'boolean', default: true, live: true, note: 'Pulls that find nothing wait for a message.' },
  shortPollingTimeMills: { kind: 'long', default: 1000, min: 1, max: 3_600_000, live: true, unit: 'ms', note: 'How long they wait when longPollingEnable is false.' },
  slaveReadEnable: { kind: 'boolean', default: false, live: true, note: 'Groups say which broker their members pull from next: brokerId, or whichBrokerWhenConsumeSlowly for one that lags further behind than memory holds.' },
  notifyConsumerIdsChangedEnable: { kind: 'boolean', default: true, live: true, note: 'Tells the members of a group when one joins or leaves.' },
  useServerSideResetOffset: { kind: 'boolean', default: true, live: true, note: 'Resets offsets here, also of groups that are offline, as 5.x does; otherwise their members are told to. As V4_9_7 the default is false.' },
  flushConsumerOffsetInterval: { kind: 'int', default: 5000, min: 100, unit: 'ms', note: 'Time between two writes of consumer offsets.' },

  registerNameServerPeriod: { kind: 'int', default: 30_000, min: 1, unit: 'ms', note: 'Time between two registrations; at least 10 s, at most 60 s.' },
  registerBrokerTimeoutMills: { kind: 'int', default: 6000, min: 1, live: true, unit: 'ms', note: 'A name server that has not answered by then is taken to be down.' },

  serverChannelMaxIdleTimeSeconds: { kind: 'int', default: 120, min: 1, unit: 's', note: 'Connections without a frame for this long are closed.' },
});

/** Read by Apache's tools and never changed over the wire: where files are, and what is run. */
export const lockedConfigKeys: ReadonlySet<string> = new Set(['brokerConfigPath', 'rocketmqHome', 'configBlackList']);
