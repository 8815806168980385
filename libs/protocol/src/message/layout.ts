/*
 * A message record, the same in the commit log and in the bodies of pull, query and check-back replies. Big-endian.
 *
 *    0  int32  total size, this word included
 *    4  int32  magic (V1 or V2)
 *    8  int32  CRC of the body
 *   12  int32  queue id
 *   16  int32  flag (the sender's, not ours to read)
 *   20  int64  queue offset
 *   28  int64  physical offset
 *   36  int32  sysFlag
 *   40  int64  born timestamp
 *   48  4 | 16 bytes + int32   born host and port         (16 when sysFlag has BORN_HOST_V6)
 *   56* int64  store timestamp
 *   64* 4 | 16 bytes + int32   store host and port        (16 when sysFlag has STORE_HOST_V6)
 *   72* int32  reconsume times
 *   76* int64  prepared transaction offset
 *   84* int32  body length, then the body
 *       uint8 (V1) | int16 (V2)  topic length, then the topic
 *       int16  properties length, then the properties
 *
 *   * 12 bytes later for each IPv6 host before it.
 */

/** Topic length in one byte. */
export const messageMagic = -626843481;
/** Topic length in two bytes: written only for topics longer than 127 bytes, which older readers cannot take. */
export const messageMagicV2 = -626843477;
/** Ends a commit log file: total size is what is left of the file. */
export const blankMagic = -875286124;

/** Offsets of the fields every record has at the same place. */
export const RecordOffset = {
  TOTAL_SIZE: 0,
  MAGIC: 4,
  BODY_CRC: 8,
  QUEUE_ID: 12,
  FLAG: 16,
  QUEUE_OFFSET: 20,
  PHYSICAL_OFFSET: 28,
  SYS_FLAG: 36,
  BORN_TIMESTAMP: 40,
  BORN_HOST: 48,
  /** With an IPv4 born host; see storeTimestampAt. */
  STORE_TIMESTAMP: 56,
} as const;

/** Extra bytes of an IPv6 host over an IPv4 one. */
export const ipv6Extra = 12;

/** Size of a record with two IPv4 hosts, one byte of topic length, and nothing in body, topic and properties. */
export const minRecordSize = 91;
/** Blank record: total size and magic. A record must leave room for it in its file. */
export const blankRecordSize = 8;

export const maxTopicLengthV1 = 127;
export const maxTopicLength = 255;
export const maxPropertiesLength = 32_767;
/** Body limit of a broker unless configured (maxMessageSize). */
export const defaultMaxMessageSize = 4 * 1024 * 1024;
