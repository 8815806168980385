/*
 * AssemblyScript, made into ../src/read/gather-records.wasm.ts by npm run generate. HOT PATH (pull of old messages). Copies
 * each record once, allocates nothing.
 *
 * What it is given are records that are known to be whole, each by itself or all of a block: asked is only whether a record is
 * the one that a consume queue means. Offsets and constants are those of
 * libs/protocol/src/message/layout.ts, numbers are big-endian; isRecord in ../src/commit-log/record-check.ts is the long form.
 */

const magicAt: usize = 4;
const queueIdAt: usize = 12;
const queueOffsetAt: usize = 20;
const physicalOffsetAt: usize = 28;
const sysFlagAt: usize = 36;
/** Of a record with two IPv4 hosts. */
const bodyLengthAt: u64 = 84;
const ipv6Extra: u64 = 12;
const bornHostV6: u32 = 0x10;
const storeHostV6: u32 = 0x20;
const messageMagic: u32 = 0xdaa320a7;
const minRecordSize: u32 = 91;

/** In the list: where in the block (int32), size (int32), queue offset (float64). */
const entrySize: usize = 16;

/**
 * Copies records to `out`, one behind the other, up to the first that is not plainly the one that is meant.
 *
 * @param list of `count` entries
 * @param block begins at the physical offset `base` and has `length` bytes
 * @param topicLength bytes of the name at `topic`; 0: whatever topic and queue they are of
 * @returns how many were copied
 */
export function gather(
  list: usize,
  count: u32,
  block: usize,
  length: u32,
  base: f64,
  queueId: u32,
  topic: usize,
  topicLength: u32,
  out: usize,
): u32 {
  const physicalBase = <i64>base;
  for (let i: u32 = 0; i < count; i++) {
    const entry = list + <usize>i * entrySize;
    const at = load<u32>(entry);
    const size = load<u32>(entry, 4);
    // In 64 bits: an entry that was damaged may claim anything.
    if (size < minRecordSize || <u64>at + <u64>size > <u64>length) return i;
    const record = block + <usize>at;
    if (int32At(record) != size || int32At(record + magicAt) != messageMagic) return i;
    if (int64At(record + physicalOffsetAt) != physicalBase + <i64>at) return i;
    if (topicLength > 0) {
      if (int32At(record + queueIdAt) != queueId) return i;
      if (int64At(record + queueOffsetAt) != <i64>load<f64>(entry, 8)) return i;
      if (!hasTopic(record, size, topic, topicLength)) return i;
    }
    memory.copy(out, record, <usize>size);
    out += <usize>size;
  }
  return count;
}

function hasTopic(record: usize, size: u32, topic: usize, length: u32): bool {
  const sysFlag = int32At(record + sysFlagAt);
  let lengthAt = bodyLengthAt;
  if (sysFlag & bornHostV6) lengthAt += ipv6Extra;
  if (sysFlag & storeHostV6) lengthAt += ipv6Extra;
  if (lengthAt + 4 > <u64>size) return false;
  const topicAt = lengthAt + 4 + <u64>int32At(record + <usize>lengthAt) + 1;
  if (topicAt + <u64>length > <u64>size) return false;
  const found = record + <usize>topicAt;
  if (<u32>load<u8>(found - 1) != length) return false;
  for (let i: usize = 0; i < <usize>length; i++) if (load<u8>(found + i) != load<u8>(topic + i)) return false;
  return true;
}

function int32At(at: usize): u32 {
  return bswap<u32>(load<u32>(at));
}

function int64At(at: usize): i64 {
  return <i64>bswap<u64>(load<u64>(at));
}
