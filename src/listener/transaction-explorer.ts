import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type {
  LocalTransaction,
  LocalTransactionChecker,
  LocalTransactionState,
  ProducerConfig,
  ReceivedMessage,
} from '../../libs/client/src/index.js';
import type { Codecs } from '../codec/codecs.js';
import { RocketMQConnections } from '../connection/rocketmq-connections.js';
import { type Logger, messageOf, RocketMQError } from '../../libs/common/src/index.js';
import { nestLogger } from '../nest-logger.js';
import { checkOptions, optionsError } from '../options/validate.js';
import { prototypeOf, type ProviderRecord } from '../provider-records.js';
import { enhancersOf } from './enhancer-check.js';
import { evaluated } from './listener-declaration.js';
import { transactionStates } from '../template/local-transaction.js';
import { type PayloadDecoder, payloadDecoder } from './payload-decoding.js';
import {
  type RocketMQTransactionListener,
  RocketMQTransactionListenerOptions,
  transactionMarkOf,
} from './rocketmq-transaction-listener.js';

/** What a producer takes to answer for its group. */
export type TransactionConfig = Pick<ProducerConfig, 'transactionListener' | 'checkLocalTransaction'>;

interface Found {
  readonly place: string;
  readonly listener: RocketMQTransactionListener;
}

/** Finds every `@RocketMQTransactionListener` in the application. */
@Injectable()
export class TransactionExplorer {
  readonly #log: Logger = nestLogger('RocketMQ');
  #isOpen = false;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly connections: RocketMQConnections,
  ) {}

  /** Brokers are answered from now on. Before, what the listeners need may not be there. */
  open(): void {
    this.#isOpen = true;
  }

  /**
   * By connection, then by producer group.
   *
   * @throws RocketMQOptionsError naming every listener that cannot be one, and both places of a group that has two.
   */
  explore(): ReadonlyMap<string, ReadonlyMap<string, TransactionConfig>> {
    const problems: string[] = [];
    const found = new Map<string, Found>();
    const configs = new Map<string, Map<string, TransactionConfig>>();
    for (const provider of this.discovery.getProviders()) {
      const type = prototypeOf(provider)?.constructor;
      const mark = type && transactionMarkOf(type);
      if (!type || !mark) continue;
      const place = type.name;
      const { values, connection: name, problem, problems: failed } = evaluated(mark, this.connections);
      const { value, problems: wrong } = checkOptions(RocketMQTransactionListenerOptions, values);
      const connection = this.connections.of(name);
      const listener = listenerOf(provider);
      const group = value.producerGroup ?? connection.producerGroup;
      const key = `${name}/${group}`;
      const other = found.get(key);
      problems.push(...[problem ?? [], failed, wrong].flat().map((text) => `${place}: ${text}`));
      if (typeof listener === 'string') problems.push(`${place}: ${listener}`);
      else if (other)
        problems.push(
          `${other.place} and ${place} both answer for producer group '${group}': it has one listener. Give them different groups`,
        );
      else {
        found.set(key, { place, listener });
        const own = configs.get(name) ?? new Map<string, TransactionConfig>();
        configs.set(name, own.set(group, this.#configOf({ place, listener }, value, connection.codecs)));
        this.#warnOfEnhancers(place, type);
      }
    }
    if (problems.length > 0) throw optionsError('@RocketMQTransactionListener', problems);
    return configs;
  }

  #configOf(
    { place, listener }: Found,
    { payloadType }: RocketMQTransactionListenerOptions,
    codecs: Codecs,
  ): TransactionConfig {
    const decode = payloadDecoder(payloadType, codecs);
    const checkLocalTransaction: LocalTransactionChecker = async (message) => {
      if (!this.#isOpen) return 'UNKNOWN';
      const asked = Object.assign(message, { payload: payloadOf(message, decode, place) });
      return stateOf(await listener.checkLocalTransaction(asked), `${place}.checkLocalTransaction`);
    };
    if (!listener.executeLocalTransaction) return { checkLocalTransaction };
    const executeLocalTransaction: LocalTransaction = async (message, transactionId, arg) =>
      stateOf(
        await listener.executeLocalTransaction?.(message, transactionId, arg),
        `${place}.executeLocalTransaction`,
      );
    return { transactionListener: { executeLocalTransaction, checkLocalTransaction } };
  }

  /** Nobody calls these methods through Nest. */
  #warnOfEnhancers(place: string, type: { readonly prototype: object }): void {
    for (const method of ['checkLocalTransaction', 'executeLocalTransaction']) {
      for (const { kind, name } of enhancersOf(type, (type.prototype as Record<string, unknown>)[method])) {
        this.#log.warn(`${place}.${method}: Nest does not apply the ${kind} ${name} to a transaction listener.`);
      }
    }
  }
}

/** @throws RocketMQError ARGUMENT_INVALID, which the producer takes as UNKNOWN and logs. */
function stateOf(answer: unknown, place: string): LocalTransactionState {
  const state = transactionStates.get(answer);
  if (state !== undefined) return state;
  throw new RocketMQError(
    'ARGUMENT_INVALID',
    `${place} must answer COMMIT, ROLLBACK or UNKNOWN; it answered with a ${typeof answer}`,
  );
}

function payloadOf(message: ReceivedMessage, decode: PayloadDecoder, place: string): unknown {
  try {
    return decode(message);
  } catch (error) {
    throw new RocketMQError('PROTOCOL_VIOLATION', `${place}: ${messageOf(error)}`);
  }
}

/** The listener, or why there is none. */
function listenerOf(provider: ProviderRecord): RocketMQTransactionListener | string {
  if (!provider.isDependencyTreeStatic()) return 'has request or transient scope; brokers ask outside of requests';
  const listener = provider.instance as Partial<RocketMQTransactionListener> | null;
  if (typeof listener?.checkLocalTransaction !== 'function') return 'the class has no method checkLocalTransaction';
  return listener as RocketMQTransactionListener;
}
