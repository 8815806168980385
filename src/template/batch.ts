import type { OutgoingMessage } from '../../libs/client/src/index.js';

/** Sizes, magic, CRC and flag. */
const fixedBytesOfEntry = 22;
/** UNIQ_KEY and WAIT, which every message of a batch has. */
const bytesOfOwnProperties = 53;

/**
 * Cuts a batch into runs that stay within `limit` bytes each, in order. A message that alone is larger gets a run of its
 * own: the producer refuses it by name.
 */
export function splitBatch(messages: readonly OutgoingMessage[], limit: number): OutgoingMessage[][] {
  const chunks: OutgoingMessage[][] = [];
  let current: OutgoingMessage[] = [];
  let size = 0;
  for (const message of messages) {
    const added = entrySize(message);
    if (current.length > 0 && size + added > limit) {
      chunks.push(current);
      current = [];
      size = 0;
    }
    current.push(message);
    size += added;
  }
  if (current.length > 0) chunks.push(current);
  return chunks;
}

/** Bytes of one message in a batch body: fixed fields, body, and name 0x01 value 0x02 of each property. */
function entrySize({ body, tags, keys = [], properties = {} }: OutgoingMessage): number {
  let size = fixedBytesOfEntry + bytesOfOwnProperties + Buffer.byteLength(body);
  if (tags !== undefined) size += 'TAGS'.length + Buffer.byteLength(tags) + 2;
  const allKeys = typeof keys === 'string' ? keys : keys.join(' ');
  if (allKeys !== '') size += 'KEYS'.length + Buffer.byteLength(allKeys) + 2;
  for (const [name, value] of Object.entries(properties))
    size += Buffer.byteLength(name) + Buffer.byteLength(value) + 2;
  return size;
}
