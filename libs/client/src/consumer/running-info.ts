import {
  MQVersion,
  RunningInfoProperty,
  type ConsumeStatus,
  type ConsumeType,
  type ConsumerRunningInfo,
  type ProcessQueueInfo,
} from '../../../protocol/src/index.js';
import type { ClientCore } from '../client-core.js';
import type { HeldQueue } from './held-queue.js';
import type { OffsetStore } from './offset-store.js';
import { isLocked } from './queue-locks.js';
import type { Subscription } from './subscription.js';

interface Facts {
  readonly core: ClientCore;
  readonly consumeType: ConsumeType;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly concurrency: number;
  /** Options, by name. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly subscriptions: readonly Subscription[];
  readonly held: readonly HeldQueue[];
  readonly offsets: OffsetStore;
  readonly statusTable: ReadonlyMap<string, ConsumeStatus>;
  readonly orderly?: boolean;
  /** What keeps it from consuming. */
  readonly problem?: string | undefined;
  /** The handlers at work, when that was asked for: shown where Java shows its threads. */
  readonly handlers?: string | undefined;
}

const mebibyte = 1024 * 1024;

/** What mqadmin consumerStatus and the dashboard show of a consumer, under the keys they read. */
export function runningInfoOf(facts: Facts): ConsumerRunningInfo {
  const { nameServers, settings } = facts.core;
  const options = Object.entries(facts.options).filter(
    ([, value]) => value !== undefined && typeof value !== 'function',
  );
  return {
    properties: new Map([
      ...options.map(([name, value]) => [name, String(value)] as const),
      ['clientId', settings.clientId],
      ...(facts.problem === undefined ? [] : [['problem', facts.problem] as const]),
      [RunningInfoProperty.CONSUME_ORDERLY, String(facts.orderly ?? false)],
      [RunningInfoProperty.THREADPOOL_CORE_SIZE, String(facts.concurrency)],
      [RunningInfoProperty.CONSUMER_START_TIMESTAMP, String(facts.startedAt)],
      [RunningInfoProperty.NAMESERVER_ADDR, nameServers.addresses.map((address) => `${address};`).join('')],
      [RunningInfoProperty.CONSUME_TYPE, facts.consumeType],
      [RunningInfoProperty.CLIENT_VERSION, versionName(settings.version)],
    ]),
    subscriptionSet: facts.subscriptions,
    mqTable: facts.held.map((held) => [held.queue, queueInfo(held, facts)] as const),
    statusTable: facts.statusTable,
    jstack: facts.handlers,
  };
}

/** "V4_9_7", as Java puts it; a version without a name here by its number. */
function versionName(version: number): string {
  const entry = Object.entries(MQVersion).find(([, ordinal]) => ordinal === version);
  return entry?.[0] ?? String(version);
}

function queueInfo(held: HeldQueue, { offsets, core }: Facts): ProcessQueueInfo {
  const { messages } = held;
  return {
    commitOffset: offsets.current(held.queue) ?? -1,
    cachedMsgMinOffset: messages.minOffset ?? 0,
    cachedMsgMaxOffset: messages.maxOffset ?? 0,
    cachedMsgCount: messages.count,
    cachedMsgSizeInMiB: Math.floor(messages.bytes / mebibyte),
    // What Java's orderly consumers have handed out and not yet committed.
    transactionMsgMinOffset: 0,
    transactionMsgMaxOffset: 0,
    transactionMsgCount: 0,
    locked: isLocked(held, core.clock.monotonic()),
    tryUnlockTimes: 0,
    lastLockTimestamp: held.lastLockTimestamp,
    droped: held.released,
    lastPullTimestamp: held.lastPullTimestamp,
    lastConsumeTimestamp: held.lastConsumeTimestamp,
  };
}
