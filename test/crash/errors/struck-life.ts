import { dirname } from 'node:path';
import { expect } from '@jest/globals';
import { messageOf, silentLogger } from '../../../libs/common/src/index.js';
import type { MessageStore, StoreConfig } from '../../../libs/store/src/index.js';
import {
  createFaultyDisk,
  createManualClock,
  createMemoryDisk,
  createRecordingDisk,
  smallStoreConfig,
  type DiskError,
  type FaultableCall,
  type FaultyDisk,
} from '../../../libs/testkit/src/index.js';
import { findMessages, isInLog } from '../images/found-messages.js';
import { randomOf } from '../images/seeds.js';
import { Sender, topics, type SentMessage } from '../images/sent-messages.js';
import { openStore, settle } from '../images/store-life.js';

// One life of a store, the same each time: two starts, a clean stop, a kill, a deleted topic, files that roll, background
// work. Each call that changes the disk or waits for it fails once, in a life of its own.

export type FlushMode = Pick<StoreConfig, 'flushDiskType' | 'flushCommitLogDirect'>;

export const flushModes: Record<string, FlushMode> = {
  ASYNC_FLUSH: { flushDiskType: 'ASYNC_FLUSH', flushCommitLogDirect: false },
  SYNC_FLUSH: { flushDiskType: 'SYNC_FLUSH', flushCommitLogDirect: true },
  'SYNC_FLUSH through the page cache': { flushDiskType: 'SYNC_FLUSH', flushCommitLogDirect: false },
};

interface DiskCall {
  readonly call: FaultableCall;
  readonly target: string;
  /** Whether the store was serving, or was starting or closing. */
  readonly isServing: boolean;
}

interface Strike extends DiskCall {
  readonly ackedBefore: ReadonlySet<string>;
}

interface Outcome {
  readonly calls: readonly DiskCall[];
  readonly strike: Strike | undefined;
  /** Acknowledged by the store that was struck, afterwards. */
  readonly ackedAfter: readonly string[];
  /** Why the struck store refuses writes, if it does. */
  readonly unavailable: string | undefined;
  /** Everybody who was told of the error: senders, callers of start, close and deleteTopic, the log. */
  readonly told: readonly string[];
  readonly faults: readonly string[];
}

const acked = (sender: Sender): SentMessage[] =>
  [...sender.sent.values()].filter(({ ackedAt }) => ackedAt !== Infinity);

class StruckLife {
  readonly calls: DiskCall[] = [];
  readonly told: string[] = [];
  strike: Strike | undefined;
  ackedAfter: string[] = [];
  unavailable: string | undefined;
  private readonly clock = createManualClock();
  private readonly disk;
  private readonly config;
  private readonly sender: Sender;
  private isServing = false;
  private running: FaultyDisk | undefined;

  constructor(
    mode: FlushMode,
    private readonly site: number,
    private readonly error: DiskError,
  ) {
    const memory = createMemoryDisk();
    memory.makeDirectory('/store');
    this.disk = createRecordingDisk(memory);
    this.config = smallStoreConfig('/store', {
      ...mode,
      mappedFileSizeCommitLog: 4096,
      mappedFileSizeConsumeQueue: 200,
      maxHashSlotNum: 10,
      maxIndexNum: 40,
      cleanResourceInterval: 1000,
    });
    this.sender = new Sender(randomOf(7), mode.flushDiskType === 'SYNC_FLUSH', 1000, (result) =>
      this.told.push(result.reason),
    );
  }

  async run(): Promise<Outcome> {
    for (const ending of ['close', 'kill', 'close'] as const) await this.live(ending);
    // Once more without errors: everything acknowledged is there, and nothing stands in the way.
    const store = openStore(this.disk.boot(), this.config, this.clock);
    await store.start();
    const { found, faults } = await findMessages(store);
    const ids = new Set(found.map(({ id }) => id));
    for (const each of acked(this.sender)) {
      if (each.message.topic === topics[0]) continue;
      if (!ids.has(each.id) && !(await isInLog(store, each))) faults.push(`message ${each.id} is gone`);
    }
    await store.close();
    const { calls, strike, ackedAfter, unavailable, told } = this;
    return { calls, strike, ackedAfter, unavailable, told, faults };
  }

  private async live(ending: 'close' | 'kill'): Promise<void> {
    const wasStruck = this.strike !== undefined;
    const store = await this.start();
    this.isServing = true;
    for (let round = 0; round < 3; round++) await this.round(store, round);
    await settle(60); // what an error of the background leads to
    this.isServing = false;
    const isStruck = !wasStruck && this.strike !== undefined;
    if (isStruck && this.strike?.isServing) this.unavailable = store.unavailable;
    if (ending === 'close') await store.close().catch((error: unknown) => this.told.push(messageOf(error)));
    await settle(3);
    if (!isStruck && (wasStruck || !this.strike)) return;
    const { ackedBefore } = this.strike as Strike;
    this.ackedAfter = acked(this.sender).flatMap(({ id }) => (ackedBefore.has(id) ? [] : [id]));
  }

  /** A start that fails is tried again: the error strikes once. */
  private async start(): Promise<MessageStore> {
    for (;;) {
      const error = (text: string, context?: object): number => this.told.push(`${text} ${JSON.stringify(context)}`);
      const log = { ...silentLogger, error };
      const store = openStore(this.boot(), this.config, this.clock, log);
      try {
        await store.start();
        this.sender.use(store);
        return store;
      } catch (failure) {
        this.told.push(messageOf(failure));
        expect(failure).toMatchObject({ code: 'STORE_UNAVAILABLE' });
        await store.close().catch(() => undefined);
      }
    }
  }

  private async round(store: MessageStore, round: number): Promise<void> {
    for (let count = 0; count < 7; count++) this.sender.send(this.disk);
    await settle(4);
    this.clock.advance(round === 1 ? 6000 : 1000);
    await settle(12);
    if (round === 0)
      await store.deleteTopic(topics[0] as string).catch((error: unknown) => this.told.push(messageOf(error)));
  }

  private boot() {
    const faulty = createFaultyDisk(this.disk.boot());
    this.running = faulty;
    faulty.fault = (call, _index, target) => {
      // A store that was killed may still try; its disk refuses anyway.
      if (faulty !== this.running) return undefined;
      const isHere = this.calls.length === this.site;
      const here = { call, target, isServing: this.isServing };
      this.calls.push(here);
      if (!isHere) return undefined;
      const ackedBefore = new Set(acked(this.sender).map(({ id }) => id));
      this.strike = { ...here, ackedBefore };
      return this.error;
    };
    return faulty;
  }
}

/** Calls whose failure makes any promise impossible. */
const fatal: readonly FaultableCall[] = ['writeSync', 'writeDirect', 'fdatasync', 'syncDirectory'];
/** Calls that may end half-way. */
const writes: readonly FaultableCall[] = ['writeSync', 'writeDirect'];

/** What a call does, to files of which directory, and when in the life of the store. */
const kindOf = ({ call, target, isServing }: DiskCall): string => [call, dirname(target), isServing].join(' ');

/** The numbers of these calls, or of the first and the last one of each kind. */
function sitesOf(calls: readonly DiskCall[], which: 'each call' | 'each kind of call'): number[] {
  if (which === 'each call') return [...calls.keys()];
  const kinds = calls.map(kindOf);
  return [...new Set(kinds.flatMap((kind) => [kinds.indexOf(kind), kinds.lastIndexOf(kind)]))].sort((a, b) => a - b);
}

/**
 * Lets calls fail once with this error, only writes with one that goes half-way. Expects that somebody is told, that
 * nothing is acknowledged after an error that makes promises impossible, and that the next start finds everything
 * acknowledged before. Returns how many calls failed.
 */
export async function failCallsOnce(
  mode: FlushMode,
  error: DiskError,
  which: 'each call' | 'each kind of call',
): Promise<number> {
  const { calls, faults } = await new StruckLife(mode, Infinity, error).run();
  expect(faults).toEqual([]);
  expect(calls.some(({ call }) => call === 'writeDirect')).toBe(mode.flushCommitLogDirect);
  const sites = sitesOf(calls, which).filter(
    (site) => error.written === undefined || writes.includes((calls[site] as DiskCall).call),
  );
  for (const site of sites) {
    const { call } = calls[site] as DiskCall;
    const outcome = await new StruckLife(mode, site, error).run();
    const { strike, told, ackedAfter, unavailable } = outcome;
    const { target = '', isServing = false } = strike ?? {};
    const where = `${error.code} at call ${site}: ${call} of ${target}, ${isServing ? 'serving' : 'starting or closing'}`;
    expect({ where, faults: outcome.faults }).toEqual({ where, faults: [] });
    expect({ where, told: told.some((text) => text.includes(error.code)) }).toEqual({ where, told: true });
    if (!fatal.includes(call) || !isServing) continue;
    expect({ where, unavailable }).toEqual({ where, unavailable: expect.stringContaining(error.code) });
    expect({ where, ackedAfter }).toEqual({ where, ackedAfter: [] });
  }
  return sites.length;
}
