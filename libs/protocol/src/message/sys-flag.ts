/** Bits of a message's sysFlag. */
export const MessageSysFlag = {
  COMPRESSED: 0x1,
  MULTI_TAGS: 0x2,
  TRANSACTION_PREPARED: 0x4,
  TRANSACTION_COMMIT: 0x8,
  TRANSACTION_ROLLBACK: 0xc,
  /** Both bits: 0 none, PREPARED, COMMIT or ROLLBACK. */
  TRANSACTION_MASK: 0xc,
  BORN_HOST_V6: 0x10,
  STORE_HOST_V6: 0x20,
  NEED_UNWRAP: 0x40,
  INNER_BATCH: 0x80,
  COMPRESSION_LZ4: 0x100,
  COMPRESSION_ZSTD: 0x200,
  COMPRESSION_ZLIB: 0x300,
  /** 0 means zlib too: senders older than 4.9.4 know no other. */
  COMPRESSION_MASK: 0x700,
} as const;

/** Bits of a pull request's sysFlag. */
export const PullSysFlag = {
  COMMIT_OFFSET: 0x1,
  SUSPEND: 0x2,
  SUBSCRIPTION: 0x4,
  CLASS_FILTER: 0x8,
  LITE_PULL: 0x10,
} as const;

/** Bits of a topic's topicSysFlag. */
export const TopicSysFlag = { UNIT: 0x1, UNIT_SUB: 0x2 } as const;

/** Bits of a topic's or broker's permission. */
export const Permission = { INHERIT: 0x1, WRITE: 0x2, READ: 0x4, PRIORITY: 0x8 } as const;

export const isReadable = (perm: number): boolean => (perm & Permission.READ) !== 0;
export const isWriteable = (perm: number): boolean => (perm & Permission.WRITE) !== 0;
export const isInherited = (perm: number): boolean => (perm & Permission.INHERIT) !== 0;

/** "RW-", as mqadmin prints it. */
export function describePermission(perm: number): string {
  return `${isReadable(perm) ? 'R' : '-'}${isWriteable(perm) ? 'W' : '-'}${isInherited(perm) ? 'X' : '-'}`;
}
