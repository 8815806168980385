import { javaDouble, MQVersion } from '../../../protocol/src/index.js';
import type { StoreFigures } from '../../../store/src/index.js';
import type { BrokerParts } from '../parts.js';

export type RuntimeParts = Pick<BrokerParts, 'config' | 'clock' | 'store' | 'stats' | 'delayed' | 'timed'>;

/**
 * The table of GET_BROKER_RUNTIME_INFO: every key of 4.9 and of 5.x, because monitors and mqadmin of both read it.
 * Figures of thread pools are zero with Java's capacity: requests do not wait in pools here.
 */
export function runtimeTable(parts: RuntimeParts): Map<string, string> {
  const figures = parts.store.figures();
  const table: Record<string, string | number | boolean> = {
    ...putFigures(parts, figures),
    ...storeFigures(parts, figures),
    ...dayFigures(parts),
    ...delayFigures(parts),
    ...poolFigures,
    ...timerFigures(parts),
  };
  return new Map(Object.entries(table).map(([key, value]) => [key, String(value)]));
}

function putFigures({ clock, stats }: RuntimeParts, figures: StoreFigures): Record<string, string | number> {
  // Java divides by it, and so never says 0.
  const times = Math.max(1, stats.putMessages);
  return {
    bootTimestamp: figures.bootTime,
    runtime: formatRuntime(clock.now() - figures.bootTime),
    putMessageEntireTimeMax: stats.latency.max,
    putMessageTimesTotal: times,
    putMessageFailedTimes: stats.putFailures,
    putMessageSizeTotal: figures.putBytes,
    putMessageDistributeTime: stats.latency.distribution(),
    putMessageAverageSize: javaDouble(figures.putBytes / Math.max(1, figures.putTotal)),
    dispatchMaxBuffer: 0,
    getMessageEntireTimeMax: stats.getTimeMax,
    putTps: stats.putTps(),
    getFoundTps: stats.foundTps(),
    getMissTps: stats.missedTps(),
    getTotalTps: stats.totalTps(),
    // 4.9 spells it with one r, 5.x with two.
    getTransferedTps: stats.transferredTps(),
    getTransferredTps: stats.transferredTps(),
    putLatency99: stats.latency.percentile(0.99).toFixed(2),
    putLatency999: stats.latency.percentile(0.999).toFixed(2),
  };
}

function storeFigures(
  { config, store }: RuntimeParts,
  figures: StoreFigures,
): Record<string, string | number | boolean> {
  const { commitLogDiskRatio, commitLogMaxOffset, flushedOffset } = figures;
  const logDirectory = config.storePathCommitLog || `${config.storePathRootDir}/commitlog`;
  return {
    [`commitLogDiskRatio_${logDirectory}`]: commitLogDiskRatio,
    commitLogDiskRatio,
    consumeQueueDiskRatio: figures.consumeQueueDiskRatio,
    commitLogMinOffset: figures.commitLogMinOffset,
    commitLogMaxOffset,
    brokerActive: store.unavailable === undefined,
    brokerVersionDesc: config.brokerVersion,
    brokerVersion: MQVersion[config.brokerVersion],
    dispatchBehindBytes: figures.dispatchBehindBytes,
    pageCacheLockTimeMills: 0,
    earliestMessageTimeStamp: figures.earliestMessageTime,
    startAcceptSendRequestTimeStamp: config.startAcceptSendRequestTimeStamp,
    remainTransientStoreBufferNumbs: 0,
    remainHowManyDataToFlush: readableBytes(commitLogMaxOffset - flushedOffset),
    commitLogDirCapacity: `Total : ${readableBytes(figures.diskTotalBytes)}, Free : ${readableBytes(figures.diskFreeBytes)}.`,
  };
}

function dayFigures({ stats }: RuntimeParts): Record<string, number> {
  return {
    msgPutTotalYesterdayMorning: stats.putMarks.yesterdayMorning,
    msgPutTotalTodayMorning: stats.putMarks.todayMorning,
    msgPutTotalTodayNow: stats.putMessages,
    msgGetTotalYesterdayMorning: stats.getMarks.yesterdayMorning,
    msgGetTotalTodayMorning: stats.getMarks.todayMorning,
    msgGetTotalTodayNow: stats.gotMessages,
  };
}

/** Of each level that was ever used: how far it is delivered, and where its queue ends. */
function delayFigures({ delayed }: RuntimeParts): Record<string, string> {
  const used = delayed.progress().filter(({ maxOffset }) => maxOffset > 0);
  return Object.fromEntries(
    used.map(({ level, offset, maxOffset }) => [`scheduleMessageOffset_${level}`, `${offset},${maxOffset}`]),
  );
}

const poolFigures = {
  sendThreadPoolQueueSize: 0,
  sendThreadPoolQueueCapacity: 10_000,
  sendThreadPoolQueueHeadWaitTimeMills: 0,
  pullThreadPoolQueueSize: 0,
  pullThreadPoolQueueCapacity: 100_000,
  pullThreadPoolQueueHeadWaitTimeMills: 0,
  litePullThreadPoolQueueSize: 0,
  litePullThreadPoolQueueCapacity: 100_000,
  litePullThreadPoolQueueHeadWaitTimeMills: 0,
  queryThreadPoolQueueSize: 0,
  queryThreadPoolQueueCapacity: 20_000,
  queryThreadPoolQueueHeadWaitTimeMills: 0,
  ackThreadPoolQueueSize: 0,
  ackThreadPoolQueueCapacity: 100_000,
  ackThreadPoolQueueHeadWaitTimeMills: 0,
  EndTransactionQueueSize: 0,
  EndTransactionThreadPoolQueueCapacity: 100_000,
};

/** Seconds behind, messages behind, messages waiting; rates are not kept. */
function timerFigures({ timed }: RuntimeParts): Record<string, number | string> {
  const { readBehind, offsetBehind, waiting } = timed.figures();
  return {
    timerReadBehind: Math.floor(readBehind / 1000),
    timerOffsetBehind: offsetBehind,
    timerCongestNum: waiting,
    timerEnqueueTps: '0.0',
    timerDequeueTps: '0.0',
  };
}

function formatRuntime(elapsed: number): string {
  const seconds = Math.max(0, Math.floor(elapsed / 1000));
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  return `[ ${days} days, ${hours} hours, ${minutes} minutes, ${seconds % 60} seconds ]`;
}

function readableBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const power = Math.floor(Math.log(bytes) / Math.log(1024));
  return `${(bytes / 1024 ** power).toFixed(1)} ${'KMGTPE'.charAt(power - 1)}iB`;
}
