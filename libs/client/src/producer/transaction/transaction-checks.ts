import { messageOf } from '../../../../common/src/index.js';
import { endTransaction, type checkTransactionState, type RequestHeader } from '../../../../protocol/src/index.js';
import { MessageProperty, type MessageRecord } from '../../../../protocol/src/message/index.js';
import type { Connection } from '../../../../remoting/src/index.js';
import type { ClientCore } from '../../client-core.js';
import { PulledMessage, originOf } from '../../consumer/pulled-message.js';
import type { LocalTransactionChecker } from '../../contract/index.js';
import { Fifo } from '../../fifo.js';
import { namespaceFields } from '../../namespaced-calls.js';
import { ThrottledLog } from '../../throttled-log.js';
import type { EndedTransaction } from '../../trace/end-transaction-trace.js';
import { defaultRegion } from '../send-result.js';
import { endOf, settle } from './local-transaction-state.js';

/** A broker's question, on the connection it came on. */
export interface TransactionCheck {
  readonly header: RequestHeader<typeof checkTransactionState>;
  readonly record: MessageRecord;
  readonly connection: Connection;
}

interface Parts {
  readonly core: Pick<ClientCore, 'settings' | 'clock' | 'log' | 'codecs'>;
  /** As brokers know it: in its namespace. */
  readonly group: string;
  readonly checker: LocalTransactionChecker;
  /** Checks at once, and such that wait. */
  readonly atOnce: number;
  readonly mostWaiting: number;
  /** Absent without traces. */
  readonly trace: ((ended: EndedTransaction) => void) | undefined;
}

/** Answers brokers that ask what became of a transaction. A question that finds no room is asked again by the broker. */
export class TransactionChecks {
  readonly #waiting = new Fifo<TransactionCheck>();
  readonly #log: ThrottledLog;
  #underWay = 0;
  #closed = false;

  constructor(private readonly parts: Parts) {
    this.#log = new ThrottledLog(parts.core.clock, parts.core.log);
  }

  get group(): string {
    return this.parts.group;
  }

  take(check: TransactionCheck): void {
    if (this.#closed) return;
    const { atOnce, mostWaiting, group } = this.parts;
    if (this.#underWay < atOnce) return this.#begin(check);
    if (this.#waiting.size < mostWaiting) return this.#waiting.push(check);
    this.#log.warn('a broker asks about more transactions than may wait (checkRequestHoldMax)', () => ({
      group,
      waiting: mostWaiting,
    }));
  }

  /** Those under way end; whoever waits for an answer asks somebody else. */
  close(): void {
    this.#closed = true;
    this.#waiting.clear();
  }

  #begin(check: TransactionCheck): void {
    this.#underWay++;
    void this.#answer(check)
      .catch((error: unknown) => this.#sayFailed(check, error))
      .finally(() => {
        this.#underWay--;
        const next = this.#waiting.shift();
        if (next !== undefined) this.#begin(next);
      });
  }

  async #answer(check: TransactionCheck): Promise<void> {
    const { header, connection } = check;
    const { group, checker, trace } = this.parts;
    const message = await this.#messageOf(check);
    const { state, error } = await settle(() => checker(message));
    if (error !== undefined) this.#sayFailed(check, error);
    const answer = {
      topic: header.topic,
      producerGroup: group,
      tranStateTableOffset: header.tranStateTableOffset,
      commitLogOffset: header.commitLogOffset,
      commitOrRollback: endOf[state],
      fromTransactionCheck: true,
      msgId: message.msgId,
      transactionId: header.transactionId,
      bname: header.bname,
    };
    const { properties } = message;
    trace?.({
      group,
      topic: check.record.topic,
      tags: message.tags,
      keys: properties.get(MessageProperty.KEYS),
      msgId: message.msgId,
      regionId: properties.get(MessageProperty.MSG_REGION) ?? defaultRegion,
      brokerAddress: connection.remoteAddress,
      state,
      fromTransactionCheck: true,
    });
    const { namespaceV2 } = this.parts.core.settings;
    const extra = namespaceV2 === undefined ? {} : { extra: namespaceFields(namespaceV2) };
    // A broker that went away meanwhile asks again.
    connection.oneWay(endTransaction, answer, extra);
  }

  async #messageOf({ header, record }: TransactionCheck): Promise<PulledMessage> {
    const { core } = this.parts;
    await core.codecs.loadFor([record]);
    return new PulledMessage(record, originOf(core, header.bname ?? ''));
  }

  #sayFailed({ header, record }: TransactionCheck, error: unknown): void {
    this.parts.core.log.error('a transaction could not be checked', {
      group: this.parts.group,
      topic: record.topic,
      msgId: header.msgId,
      error: messageOf(error),
    });
  }
}
