import { beforeEach, describe, expect, it } from '@jest/globals';
import { nextTurn } from '../../../common/src/index.js';
import { encodeMessage } from '../../../protocol/src/message/index.js';
import { recordInput } from '../../../testkit/src/pulled-message.js';
import { isRecord } from '../commit-log/record-check.js';
import { BlockMemory } from './block-memory.js';
import { RecordGatherer, type SelectedRecords } from './record-gatherer.js';

const topic = 'TopicTest';
const place = { queueId: 3, topicBytes: Buffer.from(topic) };
const blockSize = 1024 * 1024;
/** Beyond what 32 bits hold. */
const base = 5 * 2 ** 32;

let memory: BlockMemory;
let gatherer: RecordGatherer;
let bytes: Buffer;
beforeEach(() => {
  memory = new BlockMemory(blockSize, () => 2);
  memory.take();
  bytes = memory.take();
  gatherer = new RecordGatherer(memory);
});

interface Selected extends SelectedRecords {
  readonly physicalOffsets: number[];
  readonly sizes: number[];
  readonly queueOffsets: number[];
}

/** Fills the block from its beginning, and selects what is in it. */
function filled(records: readonly Parameters<typeof recordInput>[0][], firstOffset = 2 ** 33): Selected {
  const selected: Selected = { physicalOffsets: [], sizes: [], queueOffsets: [] };
  let at = 0;
  for (const [i, fields] of records.entries()) {
    const [physicalOffset, queueOffset] = [base + at, firstOffset + i];
    const record = encodeMessage(recordInput({ topic, queueId: 3, ...fields, physicalOffset, queueOffset }));
    at += record.copy(bytes, at);
    selected.physicalOffsets.push(physicalOffset);
    selected.sizes.push(record.length);
    selected.queueOffsets.push(queueOffset);
  }
  return selected;
}

const ipv6 = { ip: '2001:db8::1', port: 10911 };
const kinds = [
  {},
  { body: Buffer.alloc(0), properties: '' },
  { body: Buffer.alloc(3000, 'b') },
  { bornHost: ipv6 },
  { bornHost: ipv6, storeHost: ipv6 },
];
const end = ({ physicalOffsets, sizes }: SelectedRecords, i: number): number =>
  (physicalOffsets[i] as number) + (sizes[i] as number) - base;

describe('gathered records', () => {
  it('lie one behind the other, as they are in the block', () => {
    const selected = filled(kinds);
    expect(gatherer.gather({ base, bytes }, selected, 0, 99, place)).toEqual({
      count: kinds.length,
      bytes: Buffer.from(bytes.subarray(0, end(selected, kinds.length - 1))),
    });
    const odd = [1, 3].map((i) => selected.physicalOffsets[i] as number);
    const some = {
      physicalOffsets: odd,
      sizes: [1, 3].map((i) => selected.sizes[i] as number),
      queueOffsets: [1, 3].map((i) => selected.queueOffsets[i] as number),
    };
    const parts = [1, 3].map((i) => bytes.subarray((selected.physicalOffsets[i] as number) - base, end(selected, i)));
    expect(gatherer.gather({ base, bytes }, some, 0, 99, place)?.bytes).toEqual(Buffer.concat(parts));
    expect(gatherer.gather({ base, bytes }, some, 1, 99, place)?.bytes).toEqual(Buffer.from(parts[1] as Buffer));
  });

  it('are those that the queue means: every byte that says so is looked at', async () => {
    const selected = filled(kinds);
    for (let i = 0; i < kinds.length; i++) {
      const start = (selected.physicalOffsets[i] as number) - base;
      const size = selected.sizes[i] as number;
      const bodyLengthAt = 84 + (i === 3 ? 12 : i === 4 ? 24 : 0);
      const topicAt = bodyLengthAt + 4 + bytes.readInt32BE(start + bodyLengthAt) + 1;
      const ranges = [
        [0, 8],
        [12, 16],
        [20, 36],
        [bodyLengthAt, bodyLengthAt + 4],
        [topicAt - 1, topicAt + topic.length],
      ] as const;
      for (let at = 0; at < size; at++) {
        if (at % 64 === 0) await nextTurn();
        bytes[start + at]! ^= 1;
        const isTold = ranges.some(([from, to]) => at >= from && at < to);
        const found = gatherer.gather({ base, bytes }, selected, i, 99, place)?.count ?? 0;
        expect([i, at, found]).toEqual([i, at, isTold ? 0 : kinds.length - i]);
        // Never what the long form would refuse for another reason than a checksum or a length.
        if (isRecord(bytes, start, size, base + start, place, selected.queueOffsets[i] as number))
          expect(found).toBeGreaterThan(0);
        bytes[start + at]! ^= 1;
      }
    }
  });

  it('end before the first that is another', () => {
    const selected = filled(kinds);
    const wrong = { ...selected, queueOffsets: selected.queueOffsets.map((offset, i) => offset + (i === 3 ? 1 : 0)) };
    expect(gatherer.gather({ base, bytes }, wrong, 1, 99, place)).toMatchObject({ count: 2 });
    expect(gatherer.gather({ base, bytes }, wrong, 3, 99, place)).toBeUndefined();
    expect(gatherer.gather({ base, bytes }, wrong, 4, 99, place)).toMatchObject({ count: 1 });
    expect(gatherer.gather({ base, bytes }, selected, 0, 99, { ...place, queueId: 4 })).toBeUndefined();
    expect(gatherer.gather({ base, bytes }, selected, 0, 99, { ...place, topicBytes: Buffer.from('TopicTesT') })).toBe(
      undefined,
    );
    expect(gatherer.gather({ base: base + 1, bytes: bytes.subarray(1) }, selected, 1, 99, place)).toMatchObject({
      count: 4,
    });
  });

  it('are no more than are asked for', () => {
    const selected = filled(kinds);
    expect(gatherer.gather({ base, bytes }, selected, 1, 3, place)).toMatchObject({ count: 3 });
    expect(gatherer.gather({ base, bytes }, selected, 1, 0, place)).toBeUndefined();
  });

  it('may be of any queue when none is named', () => {
    const selected = filled([{ queueId: 1 }, { queueId: 2, topic: 'Other' }]);
    const others = { ...selected, queueOffsets: [7, 8] };
    expect(gatherer.gather({ base, bytes }, others, 0, 99, undefined)).toMatchObject({ count: 2 });
  });

  it('lie within the block, whatever an entry claims', () => {
    const selected = filled(kinds);
    for (const size of [-1, 0, 90, 2 ** 31 - 1, selected.sizes[0]! - 1]) {
      const claimed = { ...selected, sizes: [size, ...selected.sizes.slice(1)] };
      expect([size, gatherer.gather({ base, bytes }, claimed, 0, 99, place)]).toEqual([size, undefined]);
    }
    for (const offset of [0, base - 1, base + blockSize - 90, base + 2 ** 32]) {
      const claimed = { ...selected, physicalOffsets: [offset, ...selected.physicalOffsets.slice(1)] };
      expect([offset, gatherer.gather({ base, bytes }, claimed, 0, 99, place)]).toEqual([offset, undefined]);
    }
    const cut = bytes.subarray(0, end(selected, 1) - 1);
    expect(gatherer.gather({ base, bytes: cut }, selected, 0, 99, place)).toMatchObject({ count: 1 });
    // A body that is said to go on far behind the record.
    bytes.writeUInt32BE(0xffff_fff0, 84);
    expect(gatherer.gather({ base, bytes }, selected, 0, 99, place)).toBeUndefined();
  });

  it('of topics with longer names are left to others', () => {
    const long = 'a'.repeat(128);
    const selected = filled([{ topic: long }]);
    expect(
      gatherer.gather({ base, bytes }, selected, 0, 99, { queueId: 3, topicBytes: Buffer.from(long) }),
    ).toBeUndefined();
  });

  it('stay until the end of the turn, as far as there is room', async () => {
    const selected = filled(Array.from({ length: 32 }, (_, i) => ({ body: Buffer.alloc(10_000, i) })));
    const whole = Buffer.from(bytes.subarray(0, end(selected, 31)));
    const gathered: Buffer[] = [];
    let count = 0;
    for (;;) {
      const found = gatherer.gather({ base, bytes }, selected, 0, 99, place);
      if (!found) break;
      gathered.push(found.bytes);
      count = found.count;
    }
    expect(gathered.length).toBe(Math.floor(memory.scratchSize / whole.length) + 1);
    expect(count).toBeLessThan(32);
    for (const each of gathered) expect(each.equals(whole.subarray(0, each.length))).toBe(true);
    await nextTurn();
    expect(gatherer.gather({ base, bytes }, selected, 0, 99, place)).toMatchObject({ count: 32 });
  });
});
