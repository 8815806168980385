import { queryCorrectionOffset as declaration } from '../../../protocol/src/index.js';
import { handle, ok } from '../../../remoting/src/index.js';
import type { BrokerParts } from '../parts.js';

/** In a queue where the compared group is behind all others there is nothing to correct: Java's Long.MAX_VALUE. */
const nothing = Number.MAX_VALUE;

/** A pure read: Java loses the offsets of the filtered groups by it. */
export const queryCorrectionOffset = ({ offsets, store }: Pick<BrokerParts, 'offsets' | 'store'>) =>
  handle(declaration, [], ({ header: { filterGroups = '', compareGroup, topic } }) => {
    const filtered = new Set(filterGroups.split(','));
    const correctionOffsets = new Map<number, number>();
    for (const group of offsets.groupsOf(topic).filter((name) => !filtered.has(name))) {
      for (const [queueId, offset] of offsets.queuesOf(group, topic) ?? []) {
        if (offset < store.minOffset(topic, queueId)) continue;
        correctionOffsets.set(queueId, Math.min(offset, correctionOffsets.get(queueId) ?? offset));
      }
    }
    for (const [queueId, offset] of offsets.queuesOf(compareGroup, topic) ?? []) {
      const least = correctionOffsets.get(queueId);
      if (least !== undefined && least > offset) correctionOffsets.set(queueId, nothing);
    }
    return ok({}, { body: { correctionOffsets } });
  });
