import { configTable, unsupportedUnlessDefault, withoutEffect } from '../../common/src/index.js';

const noMaps = 'files are not mapped into memory, so there is nothing to warm up, swap or write around';
const noPool = 'every message is given to the operating system before it is acknowledged, none waits in a pool';
const oneWriter = 'one writer appends all messages, so no lock is taken';
const ownRhythm =
  'consume queues go to the disk together with the checkpoint, every 5 seconds or less often when there are many';
const ownIndex = 'the index is made behind the writer and never holds up a send';
const ownTimer = 'the timer is one loop that delivers in batches, and tries again what could not be stored until it is';
const ownDelivery = 'delayed messages are delivered in batches, and a failed one is tried until it is stored';
const noReplica = 'there is no replication';
const noDLedger = 'DLedger is not served; enableDLegerCommitLog=true is what stops the start';
const noController = 'there is no controller mode; enableControllerMode=true is what stops the start';
const noRocks = 'consume queues and tables are files of their own, not RocksDB';
const noCompaction = 'compacted topics are not served';
const noColdData = 'cold reads are not told from hot ones';
const noFilterMap = "the broker's expectConsumerNumUseFilter and maxErrorRateOfBloomFilter say how long bit maps are";
const atOnce = 'consume queues are built by the writer right after each write';
const noBatchQueue = 'batch consume queues are not served: a batch is stored as its messages';

/** Rows of Apache's MessageStoreConfig that change nothing here, with Apache's defaults. */
export const storeConfigWithoutEffect = configTable({
  ...withoutEffect(noMaps, {
    warmMapedFileEnable: false,
    flushLeastPagesWhenWarmMapedFile: 4096,
    mappedFileSwapEnable: true,
    commitLogForceSwapMapInterval: 43_200_000,
    commitLogSwapMapInterval: 3_600_000,
    commitLogSwapMapReserveFileNum: 100,
    logicQueueForceSwapMapInterval: 43_200_000,
    logicQueueSwapMapInterval: 3_600_000,
    logicQueueSwapMapReserveFileNum: 20,
    cleanSwapedMapInterval: 300_000,
    putConsumeQueueDataByFileChannel: true,
  }),
  ...withoutEffect(noPool, {
    transientStorePoolEnable: false,
    transientStorePoolSize: 5,
    fastFailIfNoBufferInStorePool: false,
    commitIntervalCommitLog: 200,
    commitCommitLogLeastPages: 4,
    commitCommitLogThoroughInterval: 200,
    wakeCommitWhenPutMessage: true,
  }),
  ...withoutEffect(oneWriter, {
    useReentrantLockWhenPutMessage: true,
    useABSLock: false,
    spinLockCollisionRetreatOptimalDegree: 1000,
    topicQueueLockNum: 32,
    debugLockEnable: false,
    osPageCacheBusyTimeOutMills: 1000,
    maxAsyncPutMessageRequests: 5000,
  }),
  ...withoutEffect(ownRhythm, {
    flushConsumeQueueLeastPages: 2,
    flushConsumeQueueThoroughInterval: 60_000,
  }),
  ...withoutEffect('an asynchronous flush comes by its interval, a synchronous one at once', {
    flushCommitLogTimed: true,
    wakeFlushWhenPutMessage: false,
  }),
  ...withoutEffect('an answer that waits for the disk is bounded by syncFlushTimeout', { putMessageTimeout: 8000 }),
  ...withoutEffect('recovery checks every record, in as many files as are needed', {
    checkCRCOnRecover: true,
    maxRecoveryCommitlogFiles: 30,
  }),
  ...withoutEffect('topic names over 127 bytes are stored in records of version 2, all others in version 1', {
    autoMessageVersionOnTopicLen: true,
    maxTopicLength: 127,
  }),
  ...unsupportedUnlessDefault('one directory holds the commit log', { readOnlyCommitLogStorePaths: '' }),
  ...retention(),
  ...reading(),
  ...ignoredPaths(),
  ...absentFeatures(),
  ...replication(),
});

function retention(): ReturnType<typeof withoutEffect> {
  return {
    ...withoutEffect('consume queues and index lose their files as soon as the commit log has lost theirs', {
      correctLogicMinOffsetSleepInterval: 1,
      correctLogicMinOffsetForceInterval: 300_000,
      maxBatchDeleteFilesNum: 50,
    }),
    ...withoutEffect('it is about several directories of the commit log, and one directory holds it', {
      logicalDiskSpaceCleanForciblyThreshold: 0.8,
    }),
    ...withoutEffect('set diskSpaceWarningLevelRatio or diskSpaceCleanForciblyRatio, in percent', {
      'rocketmq.broker.diskSpaceWarningLevelRatio': '',
      'rocketmq.broker.diskSpaceCleanForciblyRatio': '',
    }),
    ...withoutEffect('an offset of a consumer stays until its topic or group is deleted', {
      enableCleanExpiredOffset: false,
    }),
  };
}

function reading(): ReturnType<typeof withoutEffect> {
  return {
    ...withoutEffect('one pull looks at 800 entries of its queue, or at as many as it asks for when that is more', {
      maxFilterMessageSize: 16_000,
      travelCqFileNumWhenGetMessage: 1,
      pullBatchMaxMessageCount: 160,
    }),
    ...withoutEffect('accumulation is counted in queue entries, not estimated', {
      maxConsumeQueueScan: 20_000,
      sampleCountThreshold: 5000,
    }),
    ...withoutEffect('recovery begins where log, queues and index are known to be on the disk, not at a time', {
      messageIndexSafe: false,
    }),
    ...withoutEffect(ownIndex, { putMsgIndexHightWater: 600_000 }),
    ...withoutEffect(noColdData, {
      coldDataFlowControlEnable: false,
      coldDataScanEnable: false,
      dataReadAheadEnable: true,
      timerColdDataCheckIntervalMs: 60_000,
      sampleSteps: 32,
      accessMessageInMemoryHotRatio: 26,
    }),
    ...withoutEffect(atOnce, {
      enableAsyncReput: true,
      dispatchFromSenderThread: false,
      dispatchCqThreads: 10,
      dispatchCqCacheNum: 4096,
      recheckReputOffsetFromCq: false,
      enableBuildConsumeQueueConcurrently: false,
      batchDispatchRequestThreadPoolNums: 16,
      readUnCommitted: false,
    }),
  };
}

/** `<storePathRootDir>` stands for the directory in use: readers of the table put its path there. */
function ignoredPaths(): ReturnType<typeof withoutEffect> {
  const fixed = (path: string): string => `as in Apache's broker it is always <storePathRootDir>/${path}`;
  return {
    ...withoutEffect(fixed('consumequeue'), { storePathConsumeQueue: '' }),
    ...withoutEffect(fixed('index'), { storePathIndex: '' }),
    ...withoutEffect(fixed('checkpoint'), { storeCheckpoint: '' }),
    ...withoutEffect(fixed('abort'), { abortFile: '' }),
    ...withoutEffect('one directory holds the commit log', { 'rocketmq.broker.multiPathSplitter': '' }),
  };
}

function absentFeatures(): ReturnType<typeof withoutEffect> {
  return {
    ...withoutEffect('delayed messages are counted when they are delivered', { enableScheduleMessageStats: true }),
    ...withoutEffect(ownDelivery, {
      enableScheduleAsyncDeliver: false,
      scheduleAsyncDeliverMaxPendingLimit: 2000,
      scheduleAsyncDeliverMaxResendNum2Blocked: 3,
    }),
    ...withoutEffect(ownTimer, {
      timerGetMessageThreadNum: 3,
      timerPutMessageThreadNum: 3,
      timerEnableDisruptor: false,
      timerEnableCheckMetrics: true,
      timerInterceptDelayLevel: false,
      timerCheckMetricsWhen: '05',
      timerSkipUnknownError: false,
      timerWarmEnable: false,
      timerEnableRetryUntilSuccess: false,
      timerMetricSmallThreshold: 1_000_000,
      timerProgressLogIntervalMs: 10_000,
    }),
    ...withoutEffect(noFilterMap, { bitMapLengthConsumeQueueExt: 64 }),
    ...withoutEffect(noBatchQueue, { mapperFileSizeBatchConsumeQueue: 13_800_000, searchBcqByCacheEnable: true }),
    ...withoutEffect(noCompaction, {
      enableCompaction: true,
      compactionMappedFileSize: 104_857_600,
      compactionCqMappedFileSize: 10_485_760,
      compactionScheduleInternal: 900_000,
      compactionThreadNum: 6,
      maxOffsetMapSize: 104_857_600,
    }),
    ...unsupportedUnlessDefault(noRocks, { storeType: 'default' }),
    ...withoutEffect(noRocks, {
      rocksdbCQDoubleWriteEnable: false,
      cleanRocksDBDirtyCQIntervalMin: 60,
      statRocksDBCQIntervalSec: 10,
      memTableFlushIntervalMs: 3_600_000,
      realTimePersistRocksDBConfig: true,
      enableRocksDBLog: false,
      bottomMostCompressionTypeForConsumeQueueStore: 'zstd',
      rocksdbCompressionType: 'lz4',
      rocksdbFlushWalFrequency: 1024,
      rocksdbWalFileRollingThreshold: 1_073_741_824,
    }),
    ...unsupportedUnlessDefault('a message is stored in one queue: light message queues are not served', {
      enableLmq: false,
      enableMultiDispatch: false,
    }),
    ...withoutEffect('light message queues are not served', { maxLmqConsumeQueueNum: 20_000 }),
  };
}

function replication(): ReturnType<typeof withoutEffect> {
  return {
    ...unsupportedUnlessDefault(noReplica, {
      haMasterAddress: '',
      totalReplicas: 1,
      inSyncReplicas: 1,
      minInSyncReplicas: 1,
      allAckInSyncStateSet: false,
      asyncLearner: false,
    }),
    ...withoutEffect(noReplica, {
      haListenPort: 10_912,
      haSendHeartbeatInterval: 5000,
      haHousekeepingInterval: 20_000,
      haTransferBatchSize: 32_768,
      haMaxGapNotInSync: 268_435_456,
      haSlaveFallbehindMax: 268_435_456,
      haMaxTimeSlaveNotCatchup: 15_000,
      haFlowControlEnable: false,
      maxHaTransferByteInSecond: 104_857_600,
      slaveTimeout: 3000,
      enableAutoInSyncReplicas: false,
      offsetCheckInSlave: false,
      diskFallRecorded: true,
      syncMasterFlushOffsetWhenStartup: false,
      syncFromLastFile: false,
      maxSlaveResendLength: 268_435_456,
      maxChecksumRange: 1_073_741_824,
      replicasPerDiskPartition: 1,
    }),
    ...withoutEffect(noDLedger, {
      storePathDLedgerCommitLog: '',
      dLegerGroup: '',
      dLegerPeers: '',
      dLegerSelfId: '',
      preferredLeaderId: '',
      enableBatchPush: false,
      isEnableBatchPush: false,
    }),
    ...withoutEffect(noController, { storePathEpochFile: '', storePathBrokerIdentity: '' }),
    ...withoutEffect('the broker registers as soon as it has started', { disappearTimeAfterStart: -1 }),
  };
}
