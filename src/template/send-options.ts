import type { MessageQueue, QueueSelector, SendOptions } from '../../libs/client/src/index.js';
import { nearest } from '../../libs/common/src/index.js';
import type { CodecChoice } from '../codec/codecs.js';
import type { PayloadType } from '../listener/listener-options.js';
import { RocketMQOptionsError } from '../options/validate.js';
import type { DelayOptions } from './delivery-delay.js';
import type { SendTransaction } from './local-transaction.js';

/** What every kind of send can be told. */
export interface CommonSendOptions extends DelayOptions {
  /** In place of the one behind the colon of the destination. */
  readonly tag?: string;
  /** Business keys, for finding the message again. */
  readonly keys?: string | readonly string[];
  /** User properties. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Same key, same queue, so in order: the queue that Java's SelectMessageQueueByHash picks. */
  readonly hashKey?: string;
  readonly queue?: MessageQueue;
  readonly selector?: QueueSelector;
  readonly signal?: AbortSignal;
  readonly flag?: number;
  /** false: the broker answers without waiting for disk or slave. */
  readonly waitStoreMsgOK?: boolean;
  /** How the payload is written: 'json', 'text', 'bytes', the content type of one of RocketMQModule's `codecs`, or a codec. */
  readonly codec?: CodecChoice;
}

/** What a send can be told besides where and what. */
export interface RocketMQSendOptions extends CommonSendOptions {
  /** Budget over all attempts, milliseconds. */
  readonly timeout?: number;
  /** true: rejects when the broker stored it but not as safely as asked (sendStatus is not SEND_OK). Default: the module's. */
  readonly requireStoreOk?: boolean;
  readonly oneWay?: false;
  readonly transaction?: undefined;
}

/** Sent without an answer: there is nothing to wait for, and no result. */
export interface OneWaySendOptions extends CommonSendOptions {
  readonly oneWay: true;
}

/** Sent together with a local transaction. */
export interface TransactionOptions extends Omit<CommonSendOptions, keyof DelayOptions> {
  readonly timeout?: number;
  readonly requireStoreOk?: boolean;
  /** Left out, the producer's `transactionListener` runs: see RocketMQTemplate.sendMessageInTransaction. */
  readonly transaction?: SendTransaction;
  /** Handed to the local transaction. */
  readonly transactionArg?: unknown;
  /** A group with a `@RocketMQTransactionListener`: it runs, unless the send brings its own, and is asked. Default: the template's. */
  readonly producerGroup?: string;
  /** Nobody is asked about the transaction for so long, seconds. Default: the broker's transactionTimeOut, 6 s. */
  readonly checkImmunityTimeInSeconds?: number;
}

/** Sent with a reply expected. */
export interface RequestOptions extends CommonSendOptions {
  /** Of all of it: the request, whoever works on it, and the reply. Milliseconds. */
  readonly timeout?: number;
  /** What the reply is turned into: String, Buffer or a class. Default: JSON objects and arrays are parsed, others are text. */
  readonly replyType?: PayloadType;
}

/** All that any of them can be, before it is checked. */
export interface AnySendOptions extends CommonSendOptions {
  readonly timeout?: number;
  readonly requireStoreOk?: boolean;
  readonly oneWay?: boolean;
  readonly transaction?: SendTransaction;
  readonly producerGroup?: string;
  readonly transactionArg?: unknown;
  readonly checkImmunityTimeInSeconds?: number;
  readonly replyType?: PayloadType;
}

/** What is done with a message. `async` is `send` with the tries and the back pressure of asynchronous sends. */
export type SendKind = 'send' | 'async' | 'oneWay' | 'transaction' | 'request';

type OptionName = keyof AnySendOptions;

const names: Readonly<Record<OptionName, true>> = {
  tag: true,
  keys: true,
  properties: true,
  hashKey: true,
  queue: true,
  selector: true,
  delay: true,
  delayLevel: true,
  deliverAt: true,
  timeout: true,
  signal: true,
  flag: true,
  waitStoreMsgOK: true,
  codec: true,
  requireStoreOk: true,
  oneWay: true,
  transaction: true,
  transactionArg: true,
  producerGroup: true,
  checkImmunityTimeInSeconds: true,
  replyType: true,
};

const oneQueue = 'each of them chooses the queue';
const oneInstant = 'each of them says when it is delivered';

/** Pairs that ask for two different things at once, and why. */
const contradictions: readonly (readonly [OptionName, OptionName, string])[] = [
  ['hashKey', 'queue', oneQueue],
  ['hashKey', 'selector', oneQueue],
  ['queue', 'selector', oneQueue],
  ['delay', 'delayLevel', oneInstant],
  ['delay', 'deliverAt', oneInstant],
  ['delayLevel', 'deliverAt', oneInstant],
];

const delays: readonly OptionName[] = ['delay', 'delayLevel', 'deliverAt'];
const ofTransactions: readonly OptionName[] = [
  'transaction',
  'transactionArg',
  'producerGroup',
  'checkImmunityTimeInSeconds',
];

interface Refusal {
  readonly options: readonly OptionName[];
  readonly reason: string;
}

const noAnswer = 'there is no answer to wait for';
const notInTransaction: Refusal = { options: ofTransactions, reason: 'only a message of a transaction takes it' };
const notInRequest: Refusal = { options: ['replyType'], reason: 'only sendAndReceive has a reply' };

/** What a kind of send cannot be told, and why. */
const refusals: Readonly<Record<SendKind | 'batch', readonly Refusal[]>> = {
  send: [notInTransaction, notInRequest],
  async: [notInTransaction, notInRequest],
  oneWay: [notInTransaction, notInRequest, { options: ['timeout', 'requireStoreOk'], reason: noAnswer }],
  transaction: [
    {
      options: delays,
      reason: "brokers would deliver a message that waits for its transaction, Java's client drops it",
    },
    { options: ['oneWay'], reason: 'its answer has to be known before the transaction runs' },
    notInRequest,
  ],
  request: [
    notInTransaction,
    { options: ['oneWay'], reason: noAnswer },
    { options: ['requireStoreOk'], reason: 'the reply is what is waited for' },
  ],
  batch: [{ options: delays, reason: "Apache's brokers refuse it; send the messages one by one" }],
};
const kindNames: Readonly<Record<SendKind | 'batch', string>> = {
  send: 'send',
  async: 'asyncSend',
  oneWay: 'a one-way send',
  transaction: 'a transaction',
  request: 'sendAndReceive',
  batch: 'a batch',
};

/** What `send` is to do by its options. */
export function kindOf({ oneWay, transaction }: AnySendOptions): SendKind {
  if (transaction !== undefined) return 'transaction';
  return oneWay === true ? 'oneWay' : 'send';
}

/**
 * @throws RocketMQOptionsError naming an unknown option, one that this kind of send cannot be told, or two that contradict
 *   each other.
 */
export function checkSendOptions(options: AnySendOptions, kind: SendKind, isBatch: boolean): void {
  if (typeof options !== 'object' || options === null) {
    throw new RocketMQOptionsError(`options must be an object; it is ${options === null ? 'null' : typeof options}`);
  }
  for (const name in options) if (!Object.hasOwn(names, name)) throw unknownOption(name);
  for (const [one, other, reason] of contradictions) {
    if (options[one] !== undefined && options[other] !== undefined) {
      throw new RocketMQOptionsError(`options.${one} cannot be combined with options.${other}: ${reason}`);
    }
  }
  refuse(options, kind);
  if (!isBatch) return;
  refuse(options, 'batch');
  if (kind === 'send' || kind === 'async') return;
  const reason = kind === 'request' ? 'it has one reply' : 'its messages are sent one by one';
  throw new RocketMQOptionsError(`${kindNames[kind]} cannot be combined with a batch: ${reason}`);
}

function refuse(options: AnySendOptions, kind: SendKind | 'batch'): void {
  for (const { options: refused, reason } of refusals[kind]) {
    for (const name of refused) {
      if (options[name] === undefined || options[name] === false) continue;
      throw new RocketMQOptionsError(`options.${name} cannot be combined with ${kindNames[kind]}: ${reason}`);
    }
  }
}

function unknownOption(name: string): RocketMQOptionsError {
  const known = Object.keys(names);
  const near = nearest(name, known);
  const advice = near ? `; did you mean ${near}?` : `; known: ${known.join(', ')}`;
  return new RocketMQOptionsError(`options.${name} is unknown${advice}`);
}

/** The part that says how it is sent. */
export function callOptions(options: AnySendOptions): SendOptions {
  const { hashKey, queue, selector, timeout, signal } = options;
  return { hashKey, queue, selector, timeout, signal };
}
