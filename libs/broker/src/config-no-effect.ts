import { configTable, unsupportedUnlessDefault, withoutEffect } from '../../common/src/index.js';
import {
  clientConfigWithoutEffect,
  serverConfigWithoutEffect,
  systemPropertiesWithoutEffect,
  tlsConfigUnsupported,
} from '../../remoting/src/index.js';
import { storeConfigWithoutEffect } from '../../store/src/index.js';

const threads = 'requests are served by one event loop, there are no thread pools to size';
const noQueues = 'requests do not wait in a queue before they are served';
const noPop = 'POP consumption is not served, and clients are told to pull';
const noReplica = 'there is no replication';
const noController = 'there is no controller mode; enableControllerMode=true is what stops the start';
const noStatistics = 'it shapes statistics that are not kept';
const noMetrics = 'metrics are not exported';
const noColdData = 'cold reads are not told from hot ones';
const noAccess = 'access control is not served; authenticationEnabled or authorizationEnabled=true stops the start';
const dnsLookup = 'host names of name servers are looked up at each connection, and stand for one address';
const wholeRegistration = 'each registration carries all topics, and topics made in between are registered at once';

/** Keys of Apache's BrokerConfig and AuthConfig, and what else its file may hold, that change nothing here. */
export const brokerConfigWithoutEffect = configTable({
  ...serverConfigWithoutEffect,
  ...clientConfigWithoutEffect,
  ...tlsConfigUnsupported,
  ...systemPropertiesWithoutEffect,
  ...storeConfigWithoutEffect,
  ...threadPools(),
  ...popConsumption(),
  ...transactionsAndFilters(),
  ...registration(),
  ...replication(),
  ...observation(),
  ...accessControl(),
  ...clients(),
  ...withoutEffect('nothing is read from an installation directory', { rocketmqHome: '' }),
  ...withoutEffect('it is the file given with -c', { brokerConfigPath: '' }),
  ...withoutEffect('which keys may change while the broker runs is said in the table of keys', {
    configBlackList: 'configBlackList;brokerConfigPath',
  }),
  ...withoutEffect('each broker logs to its own standard error', { isolateLogEnable: false }),
  ...unsupportedUnlessDefault('tables are kept in the JSON files of version 1', { configManagerVersion: 'v1' }),
  ...withoutEffect('a broker is a process or a module of its own, not part of a container', {
    inBrokerContainer: false,
    isInBrokerContainer: false,
    isBrokerContainer: false,
  }),
});

type Rows = ReturnType<typeof withoutEffect>;

/** Defaults that Apache takes from the number of processors stand as for four of them. */
function threadPools(): Rows {
  return {
    ...withoutEffect(threads, {
      sendMessageThreadPoolNums: 4,
      putMessageFutureThreadPoolNums: 4,
      pullMessageThreadPoolNums: 24,
      litePullMessageThreadPoolNums: 24,
      ackMessageThreadPoolNums: 16,
      processReplyMessageThreadPoolNums: 24,
      queryMessageThreadPoolNums: 12,
      adminBrokerThreadPoolNums: 16,
      clientManageThreadPoolNums: 32,
      consumerManageThreadPoolNums: 32,
      loadBalanceProcessorThreadPoolNums: 32,
      heartbeatThreadPoolNums: 4,
      recoverThreadPoolNums: 32,
      endTransactionThreadPoolNums: 16,
      recoverConcurrently: false,
      asyncSendEnable: true,
      enableFastChannelEventProcess: false,
    }),
    ...withoutEffect(noQueues, {
      sendThreadPoolQueueCapacity: 10_000,
      putThreadPoolQueueCapacity: 10_000,
      pullThreadPoolQueueCapacity: 100_000,
      litePullThreadPoolQueueCapacity: 100_000,
      ackThreadPoolQueueCapacity: 100_000,
      replyThreadPoolQueueCapacity: 10_000,
      queryThreadPoolQueueCapacity: 20_000,
      clientManagerThreadPoolQueueCapacity: 1_000_000,
      consumerManagerThreadPoolQueueCapacity: 1_000_000,
      heartbeatThreadPoolQueueCapacity: 50_000,
      endTransactionPoolQueueCapacity: 100_000,
      adminBrokerThreadPoolQueueCapacity: 10_000,
      loadBalanceThreadPoolQueueCapacity: 100_000,
      brokerFastFailureEnable: true,
      waitTimeMillsInSendQueue: 200,
      waitTimeMillsInPullQueue: 5000,
      waitTimeMillsInLitePullQueue: 5000,
      waitTimeMillsInHeartbeatQueue: 31_000,
      waitTimeMillsInTransactionQueue: 3000,
      waitTimeMillsInAckQueue: 3000,
      waitTimeMillsInAdminBrokerQueue: 5000,
    }),
  };
}

function popConsumption(): Rows {
  return {
    ...unsupportedUnlessDefault(noPop, { defaultMessageRequestMode: 'PULL' }),
    ...withoutEffect(noPop, {
      defaultPopShareQueueNum: -1,
      popPollingSize: 1024,
      popPollingMapSize: 100_000,
      maxPopPollingSize: 100_000,
      reviveQueueNum: 8,
      reviveInterval: 1000,
      reviveMaxSlow: 3,
      reviveScanTime: 10_000,
      reviveAckWaitMs: 180_000,
      enableSkipLongAwaitingAck: false,
      enablePopLog: false,
      enablePopBufferMerge: false,
      enablePopBatchAck: false,
      enablePopMessageThreshold: false,
      popInflightMessageThreshold: 10_000,
      popCkStayBufferTime: 10_000,
      popCkStayBufferTimeOut: 3000,
      popCkMaxBufferSize: 200_000,
      popCkOffsetMaxQueueSize: 20_000,
      popLongPollingForceNotifyInterval: 800,
      enableNotifyBeforePopCalculateLag: true,
      enableNotifyAfterPopOrderLockRelease: true,
      initPopOffsetByCheckMsgInMem: true,
      retrieveMessageFromPopRetryTopicV1: true,
      enableRetryTopicV2: false,
      clearRetryTopicWhenDeleteTopic: true,
      popFromRetryProbability: 20,
      popConsumerFSServiceInit: true,
      popConsumerKVServiceLog: false,
      popConsumerKVServiceInit: false,
      popConsumerKVServiceEnable: false,
      popReviveMaxReturnSizePerRead: 16_384,
      popReviveMaxAttemptTimes: 16,
      popResponseReturnActualRetryTopic: false,
      skipWhenCKRePutReachMaxTimes: false,
      appendAckAsync: false,
      appendCkAsync: false,
    }),
    ...withoutEffect('clients rebalance their queues themselves', {
      serverLoadBalancerEnable: true,
      loadBalancePollNameServerInterval: 30_000,
    }),
  };
}

function transactionsAndFilters(): Rows {
  return {
    ...withoutEffect('nothing reads it, in Apache neither', { checkTransactionMessageEnable: false }),
    ...withoutEffect(noMetrics, { transactionMetricFlushInterval: 3000 }),
    ...unsupportedUnlessDefault('filter servers run Java classes: the host of a broker registers its filters', {
      filterServerNums: 0,
    }),
    ...withoutEffect('nothing reads it, in Apache neither', { maxDelayTime: 40 }),
    ...withoutEffect('the version of delayOffset.json moves with each write of the file', {
      delayOffsetUpdateVersionStep: 200,
    }),
  };
}

function registration(): Rows {
  return {
    ...unsupportedUnlessDefault(dnsLookup, { fetchNameSrvAddrByDnsLookup: false }),
    ...withoutEffect('the address server is asked after 10 s and every two minutes', {
      fetchNamesrvAddrInterval: 10_000,
    }),
    ...withoutEffect('a change of namesrvAddr takes effect at once', { updateNameServerAddrPeriod: 120_000 }),
    ...withoutEffect(wholeRegistration, {
      forceRegister: true,
      compressedRegister: false,
      enableSingleTopicRegister: false,
      enableSplitRegistration: false,
      splitRegistrationSize: 800,
      compatibleWithOldNameSrv: true,
      brokerHeartbeatInterval: 1000,
      sendHeartbeatTimeoutMillis: 1000,
      brokerNotActiveTimeoutMillis: 10_000,
    }),
  };
}

function replication(): Rows {
  return {
    ...unsupportedUnlessDefault(noReplica, { enableSlaveActingMaster: false, enableRemoteEscape: false }),
    ...withoutEffect(noReplica, {
      brokerIP2: '',
      skipPreOnline: false,
      lockInStrictMode: false,
      syncBrokerMemberGroupPeriod: 1000,
      cleanOfflineBrokerInterval: 30_000,
      forwardTimeout: 3000,
    }),
    ...withoutEffect(noController, {
      controllerAddr: '',
      fetchControllerAddrByDnsLookup: false,
      syncBrokerMetadataPeriod: 5000,
      checkSyncStateSetPeriod: 5000,
      syncControllerMetadataPeriod: 10_000,
      controllerHeartBeatTimeoutMills: 10_000,
      brokerElectionPriority: 2_147_483_647,
    }),
  };
}

function observation(): Rows {
  return {
    ...withoutEffect(noStatistics, {
      accountStatsEnable: true,
      accountStatsPrintZeroValues: true,
      maxStatsIdleTimeInMinutes: -1,
      autoDeleteUnusedStats: false,
      enableLmqStats: false,
      commercialEnable: true,
      commercialBaseCount: 1,
      commercialBigCount: 1,
      commercialSizePerMsg: 4096,
      commercialTimerCount: 1,
      commercialTransCount: 1,
      estimateAccumulation: true,
      printChannelGroups: false,
      printChannelGroupsMinNum: 5,
    }),
    ...withoutEffect(noMetrics, {
      metricsExporterType: 'DISABLE',
      metricsOtelCardinalityLimit: 50_000,
      metricsGrpcExporterTarget: '',
      metricGrpcExporterTimeOutInMills: 3000,
      metricGrpcExporterIntervalInMills: 60_000,
      metricLoggingExporterIntervalInMills: 10_000,
      metricsPromExporterPort: 5557,
      metricsPromExporterHost: '',
      metricsLabel: '',
      metricsInDelta: false,
    }),
    metricsGrpcExporterHeader: { kind: 'string', default: '', secret: true, noEffect: noMetrics, note: noMetrics },
    ...withoutEffect(noColdData, {
      coldCtrStrategyEnable: false,
      usePIDColdCtrStrategy: true,
      cgColdReadThreshold: 3_145_728,
      globalColdReadThreshold: 104_857_600,
    }),
  };
}

function accessControl(): Rows {
  return {
    ...unsupportedUnlessDefault('access control is not served', { migrateAuthFromV1Enabled: false }),
    ...withoutEffect(noAccess, {
      authConfigPath: '',
      configName: '',
      authenticationProvider: '',
      authenticationMetadataProvider: '',
      authenticationStrategy: '',
      authenticationWhitelist: '',
      authorizationProvider: '',
      authorizationMetadataProvider: '',
      authorizationStrategy: '',
      authorizationWhitelist: '',
      userCacheMaxNum: 1000,
      userCacheExpiredSecond: 600,
      userCacheRefreshSecond: 60,
      aclCacheMaxNum: 1000,
      aclCacheExpiredSecond: 600,
      aclCacheRefreshSecond: 60,
      statefulAuthenticationCacheMaxNum: 10_000,
      statefulAuthenticationCacheExpiredSecond: 60,
      statefulAuthorizationCacheMaxNum: 10_000,
      statefulAuthorizationCacheExpiredSecond: 60,
      'rocketmq.acl.plain.file': '',
    }),
    ...withoutEffect('it belongs to access control; the cluster is named by brokerClusterName', { clusterName: '' }),
    initAuthenticationUser: { kind: 'string', default: '', secret: true, noEffect: noAccess, note: noAccess },
    innerClientAuthenticationCredentials: {
      kind: 'string',
      default: '',
      secret: true,
      noEffect: noAccess,
      note: noAccess,
    },
  };
}

function clients(): Rows {
  return {
    ...unsupportedUnlessDefault('pull consumers are served as push consumers are', { rejectPullConsumerEnable: false }),
    ...unsupportedUnlessDefault('subscriptions come with heartbeats', { useStaticSubscription: false }),
    ...withoutEffect('no consumer is suspended for reading slowly', {
      disableConsumeIfConsumerReadSlowly: false,
      consumerFallbehindThreshold: 17_179_869_184,
    }),
    ...withoutEffect('messages go from the store to the socket without a copy that could be chosen', {
      transferMsgByHeap: true,
      highSpeedMode: false,
      enableNetWorkFlowControl: false,
    }),
    ...withoutEffect('offsets of broadcasting groups are kept by their clients', {
      enableBroadcastOffsetStore: true,
      broadcastOffsetExpireSecond: 120,
      broadcastOffsetExpireMaxSecond: 300,
    }),
    ...withoutEffect('statistics are kept by topic and by group in topic, not by queue', { enableDetailStat: true }),
    ...withoutEffect('offsets are written as a whole', {
      flushConsumerOffsetHistoryInterval: 60_000,
      consumerOffsetUpdateVersionStep: 500,
    }),
    ...withoutEffect('clients without a heartbeat for 120 s are forgotten', { channelExpiredTimeout: 120_000 }),
    ...withoutEffect('a subscription lives as long as a client of its group', { subscriptionExpiredTimeout: 600_000 }),
    ...withoutEffect('changes of a group are told to its members at once', { realTimeNotifyConsumerChange: true }),
    ...withoutEffect('lite pull consumers are served like all others', { litePullMessageEnable: true }),
    ...withoutEffect('producers are always registered, and system groups are always made', {
      enableRegisterProducer: true,
      enableCreateSysGroup: true,
    }),
    ...withoutEffect('a topic may always be declared for messages of all kinds', {
      enableMixedMessageType: false,
    }),
    ...withoutEffect('system topics cannot be changed by a request', { validateSystemTopicWhenUpdateTopic: true }),
    ...withoutEffect('it is a property of the Java virtual machine, not a key of the configuration', {
      'rocketmq.broker.rebalance.lockMaxLiveTime': '',
    }),
  };
}
