import { join } from 'node:path';
import { createTableFile, type Clock, type Logger, type TableFile } from '../../../common/src/index.js';
import { jsonBean, jsonInt, jsonLong, jsonMap, jsonText } from '../../../protocol/src/index.js';
import type { BrokerConfig } from '../broker-config.js';
import { tableToText, textToTable } from './table-text.js';

const consumerOffsetsShape = jsonBean({ offsetTable: jsonMap(jsonText, jsonMap(jsonInt, jsonLong)) });

/** Between topic and group in a key; neither may contain it. */
const separator = '@';

export interface ConsumerOffsetTableOptions {
  readonly config: BrokerConfig;
  readonly clock: Clock;
  readonly log: Logger;
}

/** How far each group has consumed each queue: config/consumerOffset.json. */
export class ConsumerOffsetTable {
  /** topic@group -> queue id -> offset. */
  private readonly offsets = new Map<string, Map<number, number>>();
  /** As far as pulls went; not kept over a restart. */
  private readonly pulled = new Map<string, Map<number, number>>();
  /** Offsets set from outside that the group's consumers have not heard of yet; not kept over a restart. */
  private readonly resets = new Map<string, Map<number, number>>();
  private readonly file: TableFile;
  private dirty = false;

  constructor({ config, clock, log }: ConsumerOffsetTableOptions) {
    this.file = createTableFile({
      path: join(config.storePathRootDir, 'config', 'consumerOffset.json'),
      clock,
      log,
      encode: () => tableToText(consumerOffsetsShape, { offsetTable: this.offsets }),
      decode: (text) => {
        const { offsetTable } = textToTable(consumerOffsetsShape, text);
        for (const [key, queues] of offsetTable) this.offsets.set(key, new Map(queues));
      },
    });
  }

  load(): Promise<void> {
    return this.file.load();
  }

  /** Resolves when no write of the table is under way. */
  settled(): Promise<void> {
    return this.file.settled();
  }

  /** What is here is on disk afterwards. */
  async save(): Promise<void> {
    if (!this.dirty) return;
    this.dirty = false;
    try {
      await this.file.save();
    } catch (error) {
      this.dirty = true;
      throw error;
    }
  }

  /** A lower offset than before is taken too: that is how groups go back. */
  commit(group: string, topic: string, queueId: number, offset: number): void {
    put(this.offsets, topic + separator + group, queueId, offset);
    this.dirty = true;
  }

  /** Undefined when the group never committed. */
  get(group: string, topic: string, queueId: number): number | undefined {
    return this.offsets.get(topic + separator + group)?.get(queueId);
  }

  /** By queue id; a view. Undefined when the group never committed in the topic. */
  queuesOf(group: string, topic: string): ReadonlyMap<number, number> | undefined {
    return this.offsets.get(topic + separator + group);
  }

  /** Gives a group the offsets of another in a topic, all of its own forgotten. Nothing when the other has none. */
  clone(source: string, target: string, topic: string): void {
    const queues = this.offsets.get(topic + separator + source);
    if (queues === undefined) return;
    this.offsets.set(topic + separator + target, new Map(queues));
    this.dirty = true;
  }

  /** Sets an offset and keeps it: commits are ignored until the group's next pull was told of it by `takeReset`. */
  reset(group: string, topic: string, queueId: number, offset: number): void {
    this.commit(group, topic, queueId, offset);
    put(this.resets, topic + separator + group, queueId, offset);
  }

  isResetPending(group: string, topic: string, queueId: number): boolean {
    return this.resets.size > 0 && this.resets.get(topic + separator + group)?.has(queueId) === true;
  }

  /** The offset that was set, once. Called by every pull. */
  takeReset(group: string, topic: string, queueId: number): number | undefined {
    if (this.resets.size === 0) return undefined;
    const key = topic + separator + group;
    const queues = this.resets.get(key);
    const offset = queues?.get(queueId);
    queues?.delete(queueId);
    if (queues?.size === 0) this.resets.delete(key);
    return offset;
  }

  notePull(group: string, topic: string, queueId: number, offset: number): void {
    put(this.pulled, topic + separator + group, queueId, offset);
  }

  /** -1 when the group has not pulled since the start. */
  pulledTo(group: string, topic: string, queueId: number): number {
    return this.pulled.get(topic + separator + group)?.get(queueId) ?? -1;
  }

  topicsOf(group: string): string[] {
    const end = separator + group;
    return [...this.offsets.keys()].filter((key) => key.endsWith(end)).map((key) => key.slice(0, -end.length));
  }

  groupsOf(topic: string): string[] {
    const start = topic + separator;
    return [...this.offsets.keys()].filter((key) => key.startsWith(start)).map((key) => key.slice(start.length));
  }

  /**
   * After a crash a queue may end before an offset committed in it. Left there, the group would skip the messages that
   * come to stand below it; so it goes back to the queue's end. Returns how many offsets did.
   */
  clamp(maxOffset: (topic: string, queueId: number) => number): number {
    let clamped = 0;
    for (const [key, queues] of this.offsets) {
      const topic = key.slice(0, key.indexOf(separator));
      for (const [queueId, offset] of queues) {
        const end = maxOffset(topic, queueId);
        if (offset <= end) continue;
        queues.set(queueId, end);
        this.dirty = true;
        clamped++;
      }
    }
    return clamped;
  }

  /** Offsets of a deleted topic mean nothing: a topic of that name begins at 0 again. */
  deleteTopic(topic: string): void {
    this.delete((key) => key.startsWith(topic + separator));
  }

  deleteGroup(group: string): void {
    this.delete((key) => key.endsWith(separator + group));
  }

  private delete(isMeant: (key: string) => boolean): void {
    for (const table of [this.offsets, this.pulled, this.resets]) {
      for (const key of table.keys()) if (isMeant(key) && table.delete(key)) this.dirty = true;
    }
  }
}

function put(table: Map<string, Map<number, number>>, key: string, queueId: number, offset: number): void {
  const queues = table.get(key);
  if (queues === undefined) table.set(key, new Map([[queueId, offset]]));
  else queues.set(queueId, offset);
}
