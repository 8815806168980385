import { RocketMQError, type Clock } from '../../../common/src/index.js';
import { hostBytes, hostText } from './host-bytes.js';

/*
 * The id a client gives (UNIQ_KEY): upper-case hex of ip (4 or 16 bytes), process id (int16), a hash that tells apart
 * senders in one process (int32), milliseconds since the start of the month in local time (int32), counter (int16).
 * Queries by this id read the time out of it, so the layout is part of the protocol.
 */

export interface UniqueIdSource {
  readonly ip: string;
  readonly pid: number;
  readonly clock: Pick<Clock, 'now'>;
  /** In [0, 1), as Math.random. */
  readonly random: () => number;
}

/** Makes ids that no other sender makes, and that differ for 65,536 calls within one millisecond. */
export function createUniqueIds(source: UniqueIdSource): () => string {
  const hash = Math.floor(source.random() * 2 ** 32);
  const prefix = hostBytes(source.ip).toString('hex').toUpperCase() + hex(source.pid & 0xffff, 4) + hex(hash, 8);
  let monthStart = 0;
  let nextMonth = -Infinity;
  let counter = 0;
  let lastNow = NaN;
  let stem = '';
  return () => {
    const now = source.clock.now();
    if (now !== lastNow) {
      lastNow = now;
      if (now >= nextMonth) [monthStart, nextMonth] = monthAround(now);
      // The clock may step back over the month's start.
      stem = prefix + hex(Math.max(0, now - monthStart) >>> 0, 8);
    }
    counter = (counter + 1) & 0xffff;
    return stem + (twoDigits[counter >> 8] as string) + (twoDigits[counter & 0xff] as string);
  };
}

const twoDigits: readonly string[] = Array.from({ length: 256 }, (_, value) => hex(value, 2));

function monthAround(now: number): [start: number, next: number] {
  const date = new Date(now);
  const start = new Date(date.getFullYear(), date.getMonth(), 1);
  const next = new Date(date.getFullYear(), date.getMonth() + 1, 1);
  return [start.getTime(), next.getTime()];
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}

export interface UniqueIdParts {
  readonly ip: string;
  readonly pid: number;
  readonly hash: number;
  /** Milliseconds since the start of the sender's month. */
  readonly span: number;
  readonly counter: number;
}

/** @throws RocketMQError ARGUMENT_INVALID when `id` is no such id. */
export function parseUniqueId(id: string): UniqueIdParts {
  if (!/^([0-9a-fA-F]{32}|[0-9a-fA-F]{56})$/.test(id)) {
    throw new RocketMQError(
      'ARGUMENT_INVALID',
      `${JSON.stringify(id.slice(0, 64))} is no unique id: 32 or 56 hexadecimal digits`,
    );
  }
  const bytes = Buffer.from(id, 'hex');
  const at = bytes.length - 12;
  return {
    ip: hostText(bytes, 0, at),
    pid: bytes.readUInt16BE(at),
    hash: bytes.readUInt32BE(at + 2),
    span: bytes.readUInt32BE(at + 6),
    counter: bytes.readUInt16BE(at + 10),
  };
}

/** When the id was made, taken to be in this month or, if that would be in the future, the month before. */
export function timeOfUniqueId(id: string, now: number): number {
  const { span } = parseUniqueId(id);
  const [start] = monthAround(now);
  if (start + span < now) return start + span;
  const date = new Date(start);
  return new Date(date.getFullYear(), date.getMonth() - 1, 1).getTime() + span;
}
