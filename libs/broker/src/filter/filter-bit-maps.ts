import type { ExtensionUnit } from '../../../store/src/index.js';
import type { BrokerConfig } from '../broker-config.js';
import { hasBits, setBits } from './bloom-filter.js';
import type { ConsumerFilter, ConsumerFilterTable } from './consumer-filter-table.js';
import { propertiesIn } from './record-match.js';

/**
 * Works out, when a message is stored, which SQL92 filters take it (enableCalcFilterBitMap), for consumequeue_ext. Pulls
 * ask the message itself: it is in memory, and the bits say yes too often.
 */
export class FilterBitMaps {
  constructor(
    private readonly config: Pick<BrokerConfig, 'enableCalcFilterBitMap'>,
    private readonly filters: ConsumerFilterTable,
  ) {}

  /** Undefined when nobody filters the topic. */
  readonly of = (topic: string, record: Buffer): Buffer | undefined => {
    if (!this.config.enableCalcFilterBitMap) return undefined;
    const filters = this.filters.inTopic(topic);
    if (filters === undefined) return undefined;
    const map = Buffer.alloc(this.filters.bloom.bitCount / 8);
    const properties = propertiesIn(record);
    for (const { compiled, bloomFilterData } of filters) {
      if (bloomFilterData !== undefined && compiled.matches(properties)) setBits(map, bloomFilterData.bitPos);
    }
    return map;
  };
}

/** What the bits say; true as well where they say nothing of this filter: of messages from before it, or of another size. */
export function mayTake({ bornTime, bloomFilterData }: ConsumerFilter, unit: ExtensionUnit): boolean {
  const { filterBitMap, storeTimestamp } = unit;
  if (bloomFilterData === undefined || filterBitMap === undefined || storeTimestamp <= bornTime) return true;
  return filterBitMap.length * 8 !== bloomFilterData.bitNum || hasBits(filterBitMap, bloomFilterData.bitPos);
}

/** Apache's text of a bit map: the last bit first, a line break behind every eighth byte from the end of the text. */
export function bitMapText(map: Buffer): string {
  let text = '';
  for (let i = map.length - 1; i >= 0; i--) {
    text += (map[i] as number).toString(2).padStart(8, '0');
    if (i % 8 === 0) text += '\n';
  }
  return text;
}
