import { messageCrc, messageMagic, RecordOffset } from '../../libs/protocol/src/message/index.js';

/** With IPv4 hosts. */
const bodyLengthAt = 84;
const bodyAt = bodyLengthAt + 4;

/** What a queue is known to hold next. */
export interface QueuePlace {
  readonly queueId: number;
  next: number;
}

/**
 * Goes through the records of a pull reply: each the next of its queue, whole, with a body of this size and its CRC.
 * Moves `place` behind them and gives their number.
 *
 * @param onBody is called with the place of each body.
 * @throws Error naming what is wrong.
 */
export function checkRecords(
  bytes: Buffer,
  from: number,
  end: number,
  place: QueuePlace,
  bodySize: number,
  onBody?: (at: number) => void,
): number {
  const fail = (what: string): never => {
    throw new Error(`queue ${place.queueId} at offset ${place.next}: ${what}`);
  };
  let count = 0;
  let at = from;
  while (at < end) {
    const size = end - at < bodyAt ? 0 : bytes.readInt32BE(at);
    if (size < bodyAt + bodySize || size > end - at) fail(`a record of ${size} bytes where ${end - at} are left`);
    if (bytes.readInt32BE(at + RecordOffset.MAGIC) !== messageMagic) fail('not a record');
    if (bytes.readInt32BE(at + RecordOffset.QUEUE_ID) !== place.queueId) fail('a record of another queue');
    const offset = bytes.readUInt32BE(at + RecordOffset.QUEUE_OFFSET) * 2 ** 32 + bytes.readUInt32BE(at + RecordOffset.QUEUE_OFFSET + 4); // prettier-ignore
    if (offset !== place.next) fail(`the record of offset ${offset}`);
    if (bytes.readInt32BE(at + bodyLengthAt) !== bodySize) fail('a body of another size');
    const crc = messageCrc(bytes, at + bodyAt, at + bodyAt + bodySize);
    if (crc !== bytes.readInt32BE(at + RecordOffset.BODY_CRC)) fail('the body does not have its CRC');
    onBody?.(at + bodyAt);
    place.next++;
    count++;
    at += size;
  }
  return count;
}
