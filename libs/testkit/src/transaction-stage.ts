import {
  decodeMessage,
  decodeProperties,
  encodeProperties,
  SystemGroup,
  SystemTopic,
  type MessageRecord,
} from '../../protocol/src/index.js';
import { resolveBrokerConfig, type BrokerConfig } from '../../broker/src/broker-config.js';
import { BrokerIdentity } from '../../broker/src/broker-identity.js';
import { endTransaction } from '../../broker/src/handlers/end-transaction.js';
import { BrokerStats } from '../../broker/src/stats/broker-stats.js';
import { ConsumerOffsetTable } from '../../broker/src/tables/consumer-offset-table.js';
import { ProducerTable } from '../../broker/src/tables/producer-table.js';
import { TopicTable } from '../../broker/src/tables/topic-table.js';
import { halfMessage } from '../../broker/src/transaction/half-message.js';
import { Transactions } from '../../broker/src/transaction/transactions.js';
import type { Logger } from '../../common/src/index.js';
import type { Connection } from '../../remoting/src/index.js';
import { DelayLevels, type AppendMessage, type AppendResult, type MessageStore } from '../../store/src/index.js';
import { eventually } from './eventually.js';
import { createManualClock } from './manual-clock.js';
import { appendOne, readQueue, StoreDirectory, storeMessage } from './store-directory.js';

/** A producer was asked what became of a transaction. */
export interface AskedTransaction {
  readonly header: { tranStateTableOffset: number; commitLogOffset: number; msgId?: string; topic?: string };
  readonly record: MessageRecord;
}

/** Of a half message. */
export type HalfPlace = Pick<AppendResult, 'queueOffset' | 'physicalOffset'>;

interface Running {
  /** The store as transactions see it. */
  readonly seen?: Partial<MessageStore>;
  readonly config?: Partial<BrokerConfig>;
}

const group = 'producers';
/** Milliseconds between two checks. */
const interval = 10_000;

/** A broker's transactions over a real store on a clock that stands still, without sockets. */
export class TransactionStage {
  readonly clock = createManualClock();
  readonly errors: string[] = [];
  /** All that producers were asked. */
  readonly asked: AskedTransaction[] = [];
  directory = new StoreDirectory();
  store!: MessageStore;
  /** The store behind what a test made of it. */
  behind!: MessageStore;
  config!: BrokerConfig;
  offsets!: ConsumerOffsetTable;
  transactions!: Transactions;
  readonly log: Logger = {
    debug: (message) => this.note(message),
    info() {},
    warn() {},
    error: (message) => {
      this.errors.push(message);
      this.note(message);
    },
  };
  private producers!: ProducerTable;
  private connected = 0;
  /** Checks that came to an end, well or not. */
  private checksEnded = 0;

  async start({ seen = {}, config: changes = {} }: Running = {}): Promise<void> {
    const { clock, log, directory } = this;
    const times = { transactionCheckInterval: interval, brokerVersion: 'V5_3_3' as const };
    const config = resolveBrokerConfig({ ...directory.config(), ...times, ...changes });
    this.config = config;
    this.behind = await directory.start({}, { clock });
    this.store = new Proxy(this.behind, { get: (whole, name) => Reflect.get(seen, name) ?? Reflect.get(whole, name) });
    const own = { config, clock, log };
    this.offsets = new ConsumerOffsetTable(own);
    this.producers = new ProducerTable(clock, log);
    const topics = new TopicTable(own);
    await Promise.all([this.offsets.load(), topics.load()]);
    const { store, offsets, producers } = this;
    const tables = { topics, offsets, producers, stats: new BrokerStats(clock, 'DefaultCluster') };
    this.transactions = new Transactions({ ...own, store, ...tables, identity: new BrokerIdentity(config) });
    await this.transactions.start();
  }

  async stop(): Promise<void> {
    await this.transactions.close();
    await this.store.close();
    await this.transactions.saveLast();
  }

  async close(): Promise<void> {
    await this.stop();
    await this.directory.remove();
  }

  /** Somebody of the group comes; false: and takes no question. Returns what it is asked. */
  connectProducer(takes = true): AskedTransaction[] {
    const seen: AskedTransaction[] = [];
    const oneWay: Connection['oneWay'] = (_declaration, header, options) => {
      if (!takes) return false;
      const record = decodeMessage(options?.body as unknown as Buffer);
      const question = { header: header as unknown as AskedTransaction['header'], record };
      seen.push(question);
      this.asked.push(question);
      return true;
    };
    const connection = { oneWay, onClose() {}, remoteAddress: '10.0.0.7:1' } as unknown as Connection;
    const clientId = `client ${this.connected++}`;
    this.producers.register({ connection, clientId, language: 0, version: 0, lastHeartbeat: 0 }, group);
    return seen;
  }

  /** For queue 3 of TopicTest; its unique key is its body. */
  async sendHalf(body: string, changes: Partial<AppendMessage> = {}): Promise<AppendResult> {
    const properties = propertiesWith(body, [['TRAN_MSG', 'true']]);
    const bornTimestamp = this.clock.now();
    const message = storeMessage({ body: Buffer.from(body), queueId: 3, properties, bornTimestamp });
    const half = halfMessage({ ...message, ...changes }, group, this.config.brokerVersion !== 'V4_9_7');
    if ('problem' in half) throw new Error(half.problem);
    return appendOne(this.store, half);
  }

  /** As the handler answers a request with this header. */
  async end({ queueOffset, physicalOffset }: HalfPlace, commitOrRollback: number, changes: object = {}) {
    const { config, clock, store, transactions } = this;
    const header = {
      producerGroup: group,
      tranStateTableOffset: queueOffset,
      commitLogOffset: physicalOffset,
      commitOrRollback,
      fromTransactionCheck: false,
      msgId: 'id',
      ...changes,
    };
    const stats = new BrokerStats(clock, 'DefaultCluster');
    const delayLevels = new DelayLevels(config.messageDelayLevel);
    return endTransaction({ config, clock, store, stats, delayLevels, transactions }).run({ header } as never);
  }

  /** So many intervals, each with its check. */
  async checks(count = 1): Promise<void> {
    for (let i = 0; i < count; i++) {
      const before = this.checksEnded;
      this.clock.advance(interval);
      await eventually(() => this.checksEnded > before);
    }
  }

  async bodies(topic = 'TopicTest', queueId = topic === 'TopicTest' ? 3 : 0): Promise<string[]> {
    return (await readQueue(this.store, topic, queueId)).map(({ body }) => String(body));
  }

  /** Up to where half messages and ops are done with, as the table of offsets says. */
  positions() {
    const topics = [SystemTopic.TRANS_HALF, SystemTopic.TRANS_OP_HALF];
    return topics.map((topic) => this.offsets.get(SystemGroup.TRANS, topic, 0));
  }

  /** Bodies of the messages asked about, each with how often it was. */
  questions(): [body: string, times: number][] {
    return this.asked.map(({ record }) => {
      return [String(record.body), Number(recordProperties(record)['TRANSACTION_CHECK_TIMES'])];
    });
  }

  private note(message: string): void {
    if (/were checked|could not be checked/.test(message)) this.checksEnded++;
  }
}

/** Of a half message whose unique key is `uniqueKey`. */
export function propertiesWith(uniqueKey: string, more: readonly [string, string][]): string {
  return encodeProperties([...more, ['UNIQ_KEY', uniqueKey]]);
}

export function recordProperties(record: MessageRecord | undefined): Record<string, string> {
  return Object.fromEntries(decodeProperties(record?.properties ?? ''));
}

export function placeOf({ header }: AskedTransaction): HalfPlace {
  return { queueOffset: header.tranStateTableOffset, physicalOffset: header.commitLogOffset };
}
