import { describe, expect, it } from '@jest/globals';
import { createUniqueIds } from '../../../protocol/src/message/index.js';
import { systemClock } from '../../../common/src/index.js';
import { seededRandom } from '../../../testkit/src/seeded-random.js';
import { BodyCodecs } from '../compression/index.js';
import type { OutgoingMessage } from '../contract/index.js';
import { Namespace } from '../namespace.js';
import { MessageEncoder } from './message-encoder.js';
import { readProducerConfig } from './producer-settings.js';
import { splitBatch } from './split-batch.js';

const encoded = (batch: readonly OutgoingMessage[], ip: string): number => {
  const nextId = createUniqueIds({ ip, pid: 1, clock: systemClock, random: Math.random });
  const parts = {
    settings: readProducerConfig({}),
    codecs: new BodyCodecs(),
    namespace: new Namespace('shop'),
    nextId,
  };
  const message = new MessageEncoder(parts).encode(batch);
  return 'then' in message ? NaN : message.body.length;
};

describe('splitBatch', () => {
  it('keeps the order, and makes no batch that is larger than allowed once it is encoded', () => {
    const random = seededRandom(7);
    const messages = Array.from({ length: 500 }, (_, i) => ({
      topic: 'T',
      body: 'ü'.repeat(1 + Math.floor(random() * 200)),
      tags: i % 2 ? 'ein-tag' : undefined,
      keys: [`key-${i}`, 'zweiter'],
      properties: { größe: '€'.repeat(1 + (i % 9)) },
    })) as OutgoingMessage[];
    const limit = 3_000;
    const batches = splitBatch(messages, limit, 'shop');
    expect(batches.flat()).toEqual(messages);
    for (const batch of batches) {
      for (const ip of ['127.0.0.1', '2001:db8::1']) expect(encoded(batch, ip)).toBeLessThanOrEqual(limit);
    }
    // And not many small ones instead.
    expect(batches.length).toBeLessThan((messages.length * 600) / limit);
  });

  it('gives a message that is too large a batch of its own', () => {
    const sizes = [10, 5_000, 10].map((length) => ({ topic: 'T', body: Buffer.alloc(length) }));
    expect(splitBatch(sizes, 1_000).map((batch) => batch.length)).toEqual([1, 1, 1]);
    expect(splitBatch([])).toEqual([]);
  });
});
