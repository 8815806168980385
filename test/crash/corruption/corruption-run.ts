import { basename } from 'node:path';
import { decodeMessage, propertyOf, type MessageRecord } from '../../../libs/protocol/src/message/index.js';
import { MemoryFile, type MemoryDisk } from '../../../libs/testkit/src/index.js';
import { randomOf, type Random } from '../images/seeds.js';
import { settle } from '../images/store-life.js';
import { fieldsOf, fileKind, type FileField } from './file-fields.js';
import { keyedMessages, readStore, soundStores, type Reading, type SoundStore } from './spoiled-stores.js';

export interface CorruptionOptions {
  readonly seed: number;
  readonly flips: number;
  readonly truncations: number;
}

export interface FieldCount {
  spoiled: number;
  /** The start was refused, naming the file. */
  refused: number;
  /** Said in the log, with file and offset. */
  named: number;
  /** Nothing said, and nothing wrong either. */
  harmless: number;
  /** A changed message was served and nothing said: the format has nothing to tell it by. */
  unprotected: number;
}

export interface CorruptionReport {
  readonly seed: number;
  readonly fields: Record<string, FieldCount>;
  /** Fields of messages that differed when served, by the field that was spoiled. */
  readonly differing: Record<string, string[]>;
  readonly failures: { readonly what: string; readonly fault: string }[];
}

/** A flip in one of these has to be noticed and named, and nothing wrong may be served. */
const guarded = new Set([
  ...[
    'total size',
    'magic',
    'body CRC',
    'physical offset',
    'body length',
    'body',
    'topic length',
    'properties length',
  ].map((name) => `commitlog: ${name}`),
  'consumequeue: physical offset',
  'consumequeue: size',
  // A hash that was spoiled may be another one of the same slot.
  ...['item physical offset', 'item previous'].map((name) => `index: ${name}`),
]);

/** Of a message, what may never differ, whichever byte was spoiled. */
const identity = ['body', 'topic', 'queueId', 'queueOffset'] as const;

interface Damage {
  readonly what: string;
  readonly label: string;
  readonly path: string;
  readonly field: FileField | undefined;
}

/** Spoils sound stores, one byte or one file's length at a time, and reads what is left. */
export async function runCorruption(options: CorruptionOptions): Promise<CorruptionReport> {
  const { seed, flips, truncations } = options;
  const report: CorruptionReport = { seed, fields: {}, differing: {}, failures: [] };
  const stores = await soundStores(seed, 6);
  const onRejection = (reason: unknown): void => {
    report.failures.push({ what: 'some time before', fault: `an unhandled rejection: ${String(reason)}` });
  };
  process.on('unhandledRejection', onRejection);
  for (let number = 0; number < flips + truncations; number++) {
    const random = randomOf(seed, number, 3);
    const sound = random.pick(stores);
    const disk = sound.disk.copy();
    if (random.chance(0.4)) disk.files.set('/store/abort', new MemoryFile());
    const damage = number < flips ? flip(random, disk, sound) : truncate(random, disk);
    const what = `${seed}:${number} ${sound.name}: ${damage.what}`;
    try {
      const keys = fileKind(damage.path) === 'index' ? keyedMessages(sound) : [];
      judge(report, sound, damage, what, await readStore(sound, disk, { keys }));
    } catch (error) {
      report.failures.push({ what, fault: String(error) });
    }
  }
  await settle(1);
  process.off('unhandledRejection', onRejection);
  return report;
}

function flip(random: Random, disk: MemoryDisk, sound: SoundStore): Damage {
  const paths = [...disk.files.keys()].sort();
  const kind = random.pick(['commitlog', 'commitlog', 'consumequeue', 'index', 'any'] as const);
  const ofKind = paths.filter((path) => kind === 'any' || fileKind(path) === kind);
  const path = random.pick(ofKind.length > 0 ? ofKind : paths);
  const bytes = disk.files.get(path)?.contents() as Buffer;
  const fields = fieldsOf(path, bytes, sound.config.maxHashSlotNum);
  // Small fields are as likely as large ones.
  const name = random.pick([...new Set(fields.map((each) => each.name))]);
  const field = fields.length > 0 ? random.pick(fields.filter((each) => each.name === name)) : undefined;
  const at = field ? field.start + random.below(field.length) : random.below(Math.max(1, bytes.length));
  const before = bytes[at] ?? 0;
  const after = before ^ (1 + random.below(255));
  disk.files.get(path)?.write(Buffer.from([after]), at);
  bytes[at] = after;
  const isExpired = field?.name === 'item physical offset' && pointsToExpired(sound, bytes.readBigInt64BE(field.start));
  const label = `${fileKind(path)}: ${field?.name ?? 'nothing'}${isExpired ? ', now of an expired record' : ''}`;
  return { what: `${path} byte ${at} (${label}) ${before} -> ${after}`, label, path, field };
}

function pointsToExpired({ records }: SoundStore, physicalOffset: bigint): boolean {
  return physicalOffset >= 0n && physicalOffset < Math.min(...records.keys());
}

function truncate(random: Random, disk: MemoryDisk): Damage {
  const path = random.pick([...disk.files.keys()].sort());
  const file = disk.files.get(path) as MemoryFile;
  const length = random.chance(0.2) ? 0 : random.below(file.size);
  const what = `${path} cut from ${file.size} to ${length} bytes`;
  file.truncate(length);
  return { what, label: `${fileKind(path)}: truncated`, path, field: undefined };
}

function judge(report: CorruptionReport, sound: SoundStore, damage: Damage, what: string, reading: Reading): void {
  const { label } = damage;
  const count = (report.fields[label] ??= { spoiled: 0, refused: 0, named: 0, harmless: 0, unprotected: 0 });
  const differing = (report.differing[label] ??= []);
  const differences = differencesOf(sound, reading);
  const missing = [...sound.served.keys()].filter((place) => !reading.served.has(place));
  for (const [key, records] of reading.found) {
    if (records.length === 0) missing.push(`key ${key}`);
    if (!records.every((bytes) => isRecordWithKey(sound, bytes, key))) differences.add('what a query found');
  }
  for (const name of differences) if (!differing.includes(name)) differing.push(name);
  const isNamed = reading.said.some((text) => names(text, damage));
  count.spoiled++;
  if (reading.isRefused) count.refused++;
  else if (isNamed) count.named++;
  else if (differences.size + missing.length === 0) count.harmless++;
  else count.unprotected++;
  const fail = (fault: string): void => {
    report.failures.push({ what, fault: `${fault}; said: ${reading.said.join(' | ').slice(0, 300)}` });
  };
  if (reading.isRefused && !isNamed) fail('the start was refused without naming the file');
  const isGuarded = guarded.has(label) || label.endsWith('truncated');
  // What nobody asks for (prepared messages, deleted topics) may be damaged in silence.
  if (isGuarded && !isNamed && missing.length > 0) fail(`unnoticed, ${missing.length} messages missing`);
  const wrong = [...differences].filter((name) => isGuarded || identity.some((each) => each === name));
  if (wrong.length > 0) fail(`wrong bytes served: ${wrong.join(', ')}`);
}

/** Fields in which served messages are not what they were. */
function differencesOf(sound: SoundStore, { served }: Reading): Set<string> {
  const differing = new Set<string>();
  for (const [place, bytes] of served) {
    const two = decodeMessage(bytes);
    // A rebuild may bring back what was deleted with its topic: as it was, where it was.
    if (place === placeOf(two) && sound.records.get(two.physicalOffset)?.equals(bytes)) continue;
    const expected = sound.served.get(place);
    if (!expected) differing.add('place');
    else {
      const one = decodeMessage(expected);
      for (const name of Object.keys(one) as (keyof MessageRecord)[])
        if (JSON.stringify(one[name]) !== JSON.stringify(two[name])) differing.add(name);
    }
  }
  return differing;
}

/** Whether a line of the log tells the place: file and offset, or for an entry of a queue its number there. */
function names(text: string, { path, field }: Damage): boolean {
  if (text.includes(path) && (field === undefined || fileKind(path) !== 'commitlog')) return true;
  const file = Number(basename(path));
  const unitStart = field?.unitStart ?? 0;
  if (fileKind(path) === 'commitlog') return text.includes(path) && text.includes(String(file + unitStart));
  if (fileKind(path) !== 'consumequeue') return false;
  const [topic, queueId] = path.split('/').slice(-3, -1);
  const entry = { topic, queueId: Number(queueId), queueOffset: (file + unitStart) / 20 };
  return text.includes(`${topic}/${queueId}`) || text.includes(JSON.stringify(entry).slice(1, -1));
}

function placeOf({ topic, queueId, queueOffset }: MessageRecord): string {
  return `${topic}/${queueId}@${queueOffset}`;
}

function isRecordWithKey({ records }: SoundStore, bytes: Buffer, key: string): boolean {
  const { physicalOffset, properties } = decodeMessage(bytes);
  return records.get(physicalOffset)?.equals(bytes) === true && propertyOf(properties, 'UNIQ_KEY') === key;
}
