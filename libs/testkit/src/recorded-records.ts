import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  blankMagic,
  checkBodyCrc,
  decodeMessage,
  propertyOf,
  tagsCode,
  type MessageRecord,
} from '../../protocol/src/message/index.js';
import type { AppendMessage, AppendResult, MessageStore, StoreConfig } from '../../store/src/index.js';
import type { ManualClock } from './manual-clock.js';
import { batchOf } from './store-directory.js';

/** Sizes of the files that StorePeer.java writes. */
export const storePeerFiles = {
  mappedFileSizeCommitLog: 16 * 1024,
  mappedFileSizeConsumeQueue: 400,
  mappedFileSizeConsumeQueueExt: 1024,
  maxHashSlotNum: 20,
  maxIndexNum: 100,
} as const satisfies Partial<StoreConfig>;

/** Paths of all files below a directory, relative to it, in order. */
export function filesBelow(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort();
}

/** All records in the directory of a commit log, in order. */
export function recordsInLog(directory: string): MessageRecord[] {
  const records: MessageRecord[] = [];
  for (const file of filesBelow(directory)) {
    const bytes = readFileSync(join(directory, file));
    for (let at = 0; at + 8 <= bytes.length;) {
      const size = bytes.readInt32BE(at);
      if (size === 0 || bytes.readInt32BE(at + 4) === blankMagic) break;
      const record = decodeMessage(bytes, at);
      if (!checkBodyCrc(record)) throw new Error(`${file}: the CRC at ${at} differs`);
      records.push(record);
      at += size;
    }
  }
  return records;
}

/**
 * Appends what the records say, at the times they say, each in a tick of its own; three of topic Batch in a row came as
 * one batch. Throws when one does not come to stand where it was.
 */
export async function replayRecords(
  store: MessageStore,
  clock: ManualClock,
  records: readonly MessageRecord[],
  { enabledAppendPropCRC = false }: Partial<StoreConfig>,
): Promise<void> {
  for (let i = 0; i < records.length;) {
    const first = records[i] as MessageRecord;
    const count = first.topic === 'Batch' ? 3 : 1;
    const messages = records.slice(i, (i += count)).map((record) => messageOf(record, enabledAppendPropCRC));
    clock.jump(first.storeTimestamp - clock.now());
    const result = await new Promise<AppendResult>((resolve) =>
      count === 1 ? store.append(messages[0] as AppendMessage, resolve) : store.appendBatch(batchOf(messages), resolve),
    );
    if (result.physicalOffset !== first.physicalOffset) {
      throw new Error(`${first.topic} at ${first.physicalOffset}: ${result.status} at ${result.physicalOffset}`);
    }
  }
}

/** Milliseconds of levels 1, 2 and 3 of messageDelayLevel. */
const delays = [1000, 5000, 10_000];

function messageOf(record: MessageRecord, hasChecksum: boolean): AppendMessage {
  const { topic, queueId, flag, sysFlag, bornTimestamp, bornHost, storeHost, reconsumeTimes, body } = record;
  const { preparedTransactionOffset, storeTimestamp } = record;
  // The store adds the checksum of its own.
  const properties = hasChecksum ? record.properties.slice(0, -20) : record.properties;
  const delay = topic === 'SCHEDULE_TOPIC_XXXX' ? delays[Number(propertyOf(properties, 'DELAY')) - 1] : undefined;
  return {
    topic,
    queueId,
    flag,
    sysFlag,
    bornTimestamp,
    bornHost,
    storeHost,
    reconsumeTimes,
    preparedTransactionOffset,
    body,
    properties,
    tagsCode: delay === undefined ? tagsCode(propertyOf(properties, 'TAGS')) : storeTimestamp + delay,
    waitForFlush: true,
  };
}
