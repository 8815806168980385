import type { OutgoingMessage } from '../contract/index.js';

/** Lengths, checksum and flag of a message in a batch body. */
const fixedBytes = 22;
/** UNIQ_KEY, of a client with an IPv6 address, and WAIT. */
const systemBytes = 'UNIQ_KEY'.length + 56 + 2 + 'WAIT'.length + 'false'.length + 2;

/**
 * Cuts messages into batches of at most `maxBytes` each, in order: what a producer sends as one must stay below its
 * `maxMessageSize` and its broker's (4 MiB both). A message that alone is larger gets a batch of its own, which the producer
 * refuses by name. Messages of different topics, or that do not wait alike, cannot be in one batch: that is not looked at
 * here.
 *
 * @param namespace of the client, which every message carries
 */
export function splitBatch(
  messages: readonly OutgoingMessage[],
  maxBytes: number = 4 * 1024 * 1024,
  namespace = '',
): OutgoingMessage[][] {
  const batches: OutgoingMessage[][] = [];
  let batch: OutgoingMessage[] = [];
  let size = 0;
  for (const message of messages) {
    const added = sizeOf(message, namespace);
    if (batch.length > 0 && size + added > maxBytes) {
      batches.push(batch);
      batch = [];
      size = 0;
    }
    batch.push(message);
    size += added;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

/** Bytes in the batch's body, at most. */
function sizeOf({ body, keys = [], tags, properties = {} }: OutgoingMessage, namespace: string): number {
  let size = fixedBytes + systemBytes + Buffer.byteLength(body);
  size += pairSize('KEYS', typeof keys === 'string' ? keys : keys.join(' '));
  size += pairSize('TAGS', tags ?? '');
  size += pairSize('INSTANCE_ID', namespace);
  for (const [name, value] of Object.entries(properties)) size += pairSize(name, value);
  return size;
}

/** Name 0x01 value 0x02. */
function pairSize(name: string, value: string): number {
  return value === '' ? 0 : Buffer.byteLength(name) + Buffer.byteLength(value) + 2;
}
