import { hash as digest } from 'node:crypto';
import { RocketMQError } from '../../../../common/src/index.js';
import type { AllocateFunction, MessageQueue } from '../../contract/index.js';

/** As many points of the ring belong to each member. */
const defaultVirtualNodes = 10;

interface Ring {
  /** Ascending. */
  readonly hashes: readonly number[];
  /** Owner of the point at the same position. */
  readonly owners: readonly string[];
}

/**
 * CONSISTENT_HASH: members stand at points of a ring, a queue belongs to the next one clockwise. When a member comes or goes,
 * few queues change hands.
 *
 * @throws RocketMQError ARGUMENT_INVALID when `virtualNodes` is no whole number from 1 on.
 */
export function allocateByConsistentHash(virtualNodes = defaultVirtualNodes): AllocateFunction {
  if (!Number.isSafeInteger(virtualNodes) || virtualNodes < 1) {
    throw new RocketMQError('ARGUMENT_INVALID', `virtualNodes must be a whole number from 1 on, not ${virtualNodes}`);
  }
  return (clientId, queues, members) => {
    if (!members.includes(clientId)) return [];
    const ring = ringOf(members, virtualNodes);
    return queues.filter((queue) => ownerOf(ring, hashOf(textOf(queue))) === clientId);
  };
}

/** Two points at one place: the later member's counts. A member named twice gets the points after its first ones. */
function ringOf(members: readonly string[], virtualNodes: number): Ring {
  const points = new Map<number, string>();
  const times = new Map<string, number>();
  for (const member of members) {
    const first = times.get(member) ?? 0;
    for (let node = first; node < first + virtualNodes; node++) points.set(hashOf(`${member}-${node}`), member);
    times.set(member, first + virtualNodes);
  }
  const hashes = [...points.keys()].toSorted((a, b) => a - b);
  return { hashes, owners: hashes.map((hash) => points.get(hash) as string) };
}

function ownerOf({ hashes, owners }: Ring, hash: number): string | undefined {
  let low = 0;
  let high = hashes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((hashes[middle] as number) < hash) low = middle + 1;
    else high = middle;
  }
  return owners[low === owners.length ? 0 : low];
}

/** The first four bytes of MD5. */
function hashOf(text: string): number {
  return digest('md5', text, 'buffer').readUInt32BE(0);
}

/** What Java prints for a queue. */
function textOf({ topic, brokerName, queueId }: MessageQueue): string {
  return `MessageQueue [topic=${topic}, brokerName=${brokerName}, queueId=${queueId}]`;
}
