import { decodeMessage } from '../../../libs/protocol/src/message/index.js';
import type { Disk, MessageStore } from '../../../libs/store/src/index.js';
import { createManualClock, storeMessage, type CrashPlan, type MemoryDisk } from '../../../libs/testkit/src/index.js';
import { difference, findMessages, isInLog, type FoundMessage } from './found-messages.js';
import { isAcked, isPromised } from './promises.js';
import { queuePlaces } from './sent-messages.js';
import { openStore, queryKey, type StoreLife } from './store-life.js';

export interface Audit {
  /** Acknowledged before the crash. */
  readonly acked: number;
  /** Of these, gone: allowed where the flush mode promised nothing. */
  readonly lost: number;
  /** Gone in spite of a promise. */
  readonly broken: number;
  /** Served, but never sent so. */
  readonly phantoms: number;
  /** What is wrong, in words. */
  readonly faults: readonly string[];
}

/**
 * Opens what a crash left and holds it against the life before: nothing promised is missing, nothing else is served,
 * offsets have no gaps, recovering once more changes no byte, and sends go on where they ended.
 */
export async function auditImage(life: StoreLife, plan: CrashPlan, image: MemoryDisk): Promise<Audit> {
  const faults: string[] = [];
  let counts = { acked: 0, lost: 0, broken: 0, phantoms: 0 };
  try {
    const once = await settled(life, image.copy());
    const disk = await recovered(life, image);
    const store = await openImage(life, disk);
    const { found, faults: holes } = await findMessages(store);
    faults.push(...holes);
    counts = await holdAgainst(life, plan, store, found, faults);
    faults.push(...(await keyFaults(store, found)));
    const hasExpired = store.figures().commitLogMinOffset > 0;
    await store.close();
    faults.push(...byteDifferences(once, disk, life, hasExpired));
    faults.push(...(await goOn(life, disk, found)));
  } catch (error) {
    faults.push(String(error));
  }
  return { ...counts, faults };
}

export async function openImage(life: StoreLife, disk: Disk): Promise<MessageStore> {
  const store = openStore(disk, life.config, createManualClock(life.now));
  await store.start();
  return store;
}

/** What the disk holds after a start that is killed. The image itself stays as it is. */
async function recovered(life: StoreLife, image: MemoryDisk): Promise<MemoryDisk> {
  const disk = image.copy();
  await openImage(life, disk);
  return disk.copy();
}

/** What it holds after a start and a clean stop. */
async function settled(life: StoreLife, disk: MemoryDisk): Promise<MemoryDisk> {
  const store = await openImage(life, disk);
  await queryKey(store, '', '');
  await store.close();
  return disk;
}

function byteDifferences(first: MemoryDisk, second: MemoryDisk, life: StoreLife, hasExpired: boolean): string[] {
  // A queue that is made again has blanks where expired messages were, and is there again when its topic was deleted.
  const remade = life.config.enableConsumeQueueExt ? ['consumequeue', 'consumequeue_ext'] : [];
  const excepted = hasExpired ? [...remade, 'index'] : remade;
  const [before, after] = [comparable(first, excepted), comparable(second, excepted)];
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].flatMap((path) => {
    const [one, two] = [before.get(path), after.get(path)];
    if (one && two && one.equals(two)) return [];
    return [`recovering twice: ${path} ${one && two ? 'differs' : two ? 'is new' : 'is gone'}`];
  });
}

/**
 * What has to be the same each time. The index is made behind the start, so that its files may have other names, which are
 * times, and the checkpoint may be before or behind the next of them (bytes 16 to 23, and from 312 on). The next file is
 * made when a record comes, whether that has keys or not: one without items may be there or not. An index that knew of
 * expired records may be made again, with what the log still has, and so are extended queues after an unclean stop.
 */
function comparable(disk: MemoryDisk, excepted: readonly string[]): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const ownWords = excepted.includes('consumequeue') ? 256 : 312;
  let indexFiles = 0;
  for (const path of [...disk.files.keys()].sort()) {
    const bytes = Buffer.from(disk.files.get(path)?.contents() ?? []);
    if (excepted.some((name) => path.startsWith(`/store/${name}/`))) continue;
    if (path === '/store/checkpoint') files.set(path, bytes.subarray(0, ownWords).fill(0, 16, 24));
    else if (!path.startsWith('/store/index/')) files.set(path, bytes);
    else if (bytes.readInt32BE(36) > 1) files.set(`index file ${++indexFiles}`, bytes);
  }
  return files;
}

async function holdAgainst(
  life: StoreLife,
  plan: CrashPlan,
  store: MessageStore,
  found: readonly FoundMessage[],
  faults: string[],
) {
  const counts = { acked: 0, lost: 0, broken: 0, phantoms: 0 };
  const seen = new Set<string>();
  let lastFound = -1;
  for (const each of found) {
    const sent = life.sent.get(each.id);
    lastFound = Math.max(lastFound, each.record.physicalOffset);
    const strange =
      sent === undefined
        ? 'nobody sent it'
        : seen.has(each.id)
          ? 'it is there twice'
          : sent.sentAt > plan.moment
            ? 'it was sent later'
            : sent.goneAt <= plan.moment
              ? 'it was refused, or gone before'
              : difference(each, sent);
    seen.add(each.id);
    if (strange === undefined) continue;
    counts.phantoms++;
    faults.push(`phantom: message ${each.id} at ${each.record.queueId}@${each.queueOffset}: ${strange}`);
  }
  let firstLost = Infinity;
  for (const each of life.sent.values()) {
    if (!isAcked(life, each, plan.moment)) continue;
    counts.acked++;
    if (seen.has(each.id) || (!each.isQueued && (await isInLog(store, each)))) continue;
    counts.lost++;
    firstLost = Math.min(firstLost, each.physicalOffset);
    if (!isPromised(life, each, plan)) continue;
    counts.broken++;
    faults.push(`lost: message ${each.id}, acknowledged at ${each.message.queueId}@${each.queueOffset}`);
  }
  if (firstLost < lastFound) faults.push(`hole: the record at ${firstLost} is gone, that at ${lastFound} is there`);
  return counts;
}

/** Some of the messages are asked for by key: each is found, and nothing else. */
async function keyFaults(store: MessageStore, found: readonly FoundMessage[]): Promise<string[]> {
  const faults: string[] = [];
  for (let i = 0; i < found.length; i += 1 + (found.length >> 2)) {
    const { id, record } = found[i] as FoundMessage;
    const records = await queryKey(store, record.topic, id);
    const offsets = records?.map((bytes) => decodeMessage(bytes).physicalOffset);
    if (offsets && !(offsets.length === 1 && offsets[0] === record.physicalOffset))
      faults.push(`message ${id} at ${record.physicalOffset} is not found by its key: ${offsets.join()}`);
  }
  return faults;
}

/** One more message to each queue, a clean stop, and everything is still there. */
async function goOn(life: StoreLife, disk: MemoryDisk, found: readonly FoundMessage[]): Promise<string[]> {
  const faults: string[] = [];
  const store = await openImage(life, disk);
  const ends = queuePlaces.map(({ topic, queueId }) => store.maxOffset(topic, queueId));
  const appended = queuePlaces.map(
    ({ topic, queueId }, i) =>
      new Promise<void>((resolve) =>
        store.append(storeMessage({ topic, queueId, properties: `UNIQ_KEY\u0001new${i}\u0002` }), (result) => {
          if (result.status !== 'OK' || result.queueOffset !== ends[i])
            faults.push(`${topic}/${queueId} goes on at ${result.queueOffset}, not ${ends[i]}: ${result.status}`);
          resolve();
        }),
      ),
  );
  await Promise.all(appended);
  await store.close();
  const again = await openImage(life, disk);
  const after = await findMessages(again);
  faults.push(...after.faults.map((fault) => `after going on: ${fault}`));
  const expected = found.length + queuePlaces.length;
  if (after.found.length !== expected) faults.push(`after going on: ${after.found.length} messages, not ${expected}`);
  await again.close();
  return faults;
}
