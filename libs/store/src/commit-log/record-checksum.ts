import { messageCrc, withoutProperty } from '../../../protocol/src/message/index.js';

/*
 * The checksum that 5.x puts behind the properties when enabledAppendPropCRC is set, itself a property, always last:
 * "__CRC32#" 0x01, ten digits, 0x02. The digits stand with the least significant one first. It covers all of the record
 * before these 20 bytes, where the CRC in the header covers the body alone.
 */
const checksumName = '__CRC32#';
const name = `${checksumName}\u0001`;
const nameBytes = Buffer.from(name, 'latin1');
const digits = 10;
const separator = 2;

export const checksumLength = nameBytes.length + digits + 1;

/** Fills the last {@link checksumLength} bytes of the record in [start, end). */
export function writeChecksum(bytes: Buffer, start: number, end: number): void {
  let at = end - checksumLength;
  let crc = messageCrc(bytes, start, at);
  at += nameBytes.copy(bytes, at);
  for (let i = 0; i < digits; i++, crc = Math.floor(crc / 10)) bytes[at++] = 0x30 + (crc % 10);
  bytes[at] = separator;
}

/** Whether a record ends in a checksum that is right. */
export function hasRightChecksum(record: Buffer): boolean {
  const at = record.length - checksumLength;
  if (at < 0 || record.compare(nameBytes, 0, nameBytes.length, at, at + nameBytes.length) !== 0) return false;
  let crc = 0;
  for (let i = record.length - 2; i >= at + nameBytes.length; i--) crc = crc * 10 + (record[i] as number) - 0x30;
  return record[record.length - 1] === separator && crc === messageCrc(record, 0, at);
}

/** Properties without a checksum of their own: one that came along from another broker says nothing of this record. */
export function withoutChecksum(properties: string): string {
  return withoutProperty(properties, checksumName);
}
