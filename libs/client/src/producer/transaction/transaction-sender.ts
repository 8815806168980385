import { RocketMQError, messageOf } from '../../../../common/src/index.js';
import { endTransaction } from '../../../../protocol/src/index.js';
import {
  MessageProperty,
  MessageSysFlag,
  encodeProperty,
  maxPropertiesLength,
  parseOffsetMessageId,
  propertyOf,
} from '../../../../protocol/src/message/index.js';
import type { ClientCore } from '../../client-core.js';
import type {
  LocalTransaction,
  LocalTransactionState,
  OutgoingMessage,
  SendResult,
  TransactionListener,
  TransactionSendOptions,
  TransactionSendResult,
} from '../../contract/index.js';
import type { EndedTransaction } from '../../trace/end-transaction-trace.js';
import { keysOf } from '../../trace/send-trace.js';
import type { EncodedMessage, MessageEncoder } from '../message-encoder.js';
import { endOf, settle, type Settlement } from './local-transaction-state.js';

interface Parts {
  readonly core: ClientCore;
  /** As brokers know it: in its namespace. */
  readonly group: string;
  readonly encoder: MessageEncoder;
  readonly listener: TransactionListener | undefined;
  /** As any message, with the tries of `send`. */
  readonly send: (message: EncodedMessage, options: TransactionSendOptions) => Promise<SendResult>;
  /** Absent without traces. */
  readonly trace: ((ended: EndedTransaction) => void) | undefined;
}

/** Would make brokers deliver a half message as if it were a message, or drop it. */
const delays = [
  MessageProperty.DELAY,
  MessageProperty.TIMER_DELAY_SEC,
  MessageProperty.TIMER_DELAY_MS,
  MessageProperty.TIMER_DELIVER_MS,
];
const mostImmunity = 365 * 86_400;

/** Sends a message that nobody can read, runs the local transaction, and tells the broker what it came to. */
export class TransactionSender {
  constructor(private readonly parts: Parts) {}

  /** @throws RocketMQError as a send does; what the local transaction throws is in the result instead. */
  async send(
    message: OutgoingMessage,
    given: LocalTransaction | undefined,
    options: TransactionSendOptions,
  ): Promise<TransactionSendResult> {
    const { encoder, listener } = this.parts;
    if (Array.isArray(message)) throw invalid('messages of a transaction are sent one by one, not as a batch');
    const local = given ?? listener?.executeLocalTransaction.bind(listener);
    if (typeof local !== 'function') {
      throw invalid('there is no local transaction: give a function, or the producer a transactionListener');
    }
    const encoded = this.#half(await encoder.encode(message), options);
    const sent = await this.parts.send(encoded, options);
    // Not stored as safely as asked: what was not done yet is better left.
    const { state, error } =
      sent.sendStatus === 'SEND_OK'
        ? await settle(() => local(message, encoded.msgId, options.arg))
        : { state: 'ROLLBACK' as const, error: undefined };
    if (error !== undefined) this.#say(sent, { state, error });
    await this.#end(encoded, sent, state);
    return { ...sent, localTransactionState: state, localError: error };
  }

  #half(encoded: EncodedMessage, { checkImmunityTimeInSeconds: immunity }: TransactionSendOptions): EncodedMessage {
    const delay = delays.find((name) => propertyOf(encoded.properties, name) !== undefined);
    // Java's client takes a level out without a word.
    if (delay !== undefined) throw invalid(`a message of a transaction cannot be delayed (${delay})`);
    let { properties } = encoded;
    properties += encodeProperty(MessageProperty.TRAN_MSG, 'true');
    properties += encodeProperty(MessageProperty.PGROUP, this.parts.group);
    if (immunity !== undefined) {
      if (!Number.isSafeInteger(immunity) || immunity < 1 || immunity > mostImmunity) {
        throw invalid(`checkImmunityTimeInSeconds must be a whole number from 1 to ${mostImmunity}, not ${immunity}`);
      }
      properties += encodeProperty(MessageProperty.CHECK_IMMUNITY_TIME_IN_SECONDS, String(immunity));
    }
    const length = Buffer.byteLength(properties);
    if (length > maxPropertiesLength) {
      throw invalid(`properties, keys and tags take ${length} bytes, more than ${maxPropertiesLength}`);
    }
    return { ...encoded, properties, sysFlag: encoded.sysFlag | MessageSysFlag.TRANSACTION_PREPARED };
  }

  /** One-way, as in Java: what does not arrive the broker asks about. Never rejects. */
  async #end({ topic, message }: EncodedMessage, sent: SendResult, state: LocalTransactionState): Promise<void> {
    const { core, group, trace } = this.parts;
    const { brokerName } = sent.messageQueue;
    try {
      const address = core.routes.masterOf(brokerName);
      if (address === undefined) throw new Error(`The broker[${brokerName}] has no master that is registered now`);
      if (sent.traceOn) {
        const { msgId, regionId } = sent;
        const about = { topic, tags: message.tags, keys: keysOf(message), msgId, regionId };
        trace?.({ group, ...about, brokerAddress: address, state, fromTransactionCheck: false });
      }
      await core.remoting.oneWay(address, endTransaction, {
        topic,
        producerGroup: group,
        tranStateTableOffset: sent.queueOffset,
        commitLogOffset: parseOffsetMessageId(sent.offsetMsgId).offset,
        commitOrRollback: endOf[state],
        fromTransactionCheck: false,
        msgId: sent.msgId,
        transactionId: sent.transactionId,
        bname: brokerName,
      });
    } catch (error) {
      core.log.warn('a broker was not told how a transaction ended, it will ask', {
        group,
        brokerName,
        msgId: sent.msgId,
        state,
        error: messageOf(error),
      });
    }
  }

  #say({ msgId, messageQueue: { topic } }: SendResult, { error }: Settlement): void {
    const { core, group } = this.parts;
    core.log.error('a local transaction failed', { group, topic, msgId, error: messageOf(error) });
  }
}

function invalid(message: string): RocketMQError {
  return new RocketMQError('ARGUMENT_INVALID', message);
}
