import { Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { type Logger, messageOf } from '../../libs/common/src/index.js';
import type { RocketMQConnection } from '../connection/rocketmq-connection.js';
import { nestLogger } from '../nest-logger.js';
import { optionsError } from '../options/validate.js';
import { RocketMQObservers } from '../rocketmq-observers.js';
import type { GroupPlan } from './group-plan.js';
import { HandledMessages, type IdempotencyOptions, type IdempotencyStore, isIdempotencyStore } from './idempotency.js';
import type { ListenerDefinition } from './listener-explorer.js';
import { ListenerGroup } from './listener-group.js';
import type { ListenerCall } from './listener-invoker.js';
import { MessageDelivery } from './message-delivery.js';
import { payloadDecoder } from './payload-decoding.js';
import { Replies } from './replies.js';
import { isAnswering } from './rocketmq-message-listener.js';

/** Puts the parts of planned groups together. */
@Injectable()
export class GroupAssembly {
  readonly #log: Logger = nestLogger('RocketMQ');

  constructor(
    private readonly modules: ModuleRef,
    private readonly observers: RocketMQObservers,
  ) {}

  /** @throws RocketMQOptionsError naming every listener whose idempotency store is not there. */
  create(
    connection: RocketMQConnection,
    plans: readonly GroupPlan[],
    calls: ReadonlyMap<ListenerDefinition, ListenerCall>,
  ): readonly ListenerGroup[] {
    const stores = this.#stores(plans.flatMap(({ listeners }) => listeners));
    return plans.map((plan) => this.#createGroup(connection, plan, stores, calls));
  }

  #createGroup(
    connection: RocketMQConnection,
    plan: GroupPlan,
    stores: ReadonlyMap<ListenerDefinition, IdempotencyStore>,
    calls: ReadonlyMap<ListenerDefinition, ListenerCall>,
  ): ListenerGroup {
    const replies = new Replies(connection, this.#log);
    const deliveries = plan.listeners.map((listener) => {
      const { place, kind, options } = listener;
      const { idempotency, consumerGroup } = options;
      const call = calls.get(listener);
      if (call === undefined) throw new Error(`no call for ${place}`);
      const store = stores.get(listener);
      const delivery = new MessageDelivery({
        listener,
        call,
        decode: payloadDecoder(listener.payloadType, connection.codecs),
        handled: store && new HandledMessages(store, `${consumerGroup}/${place}`, idempotency?.key),
        reply: isAnswering(kind) ? (request, value) => replies.send(place, request, value) : undefined,
        replyError: kind === 'rpc' ? (request, error) => replies.sendError(place, request, error) : undefined,
        isBroadcasting: plan.consumer.messageModel === 'BROADCASTING',
        isOrderly: plan.consumer.consumeMode === 'ORDERLY',
        log: this.#log,
        connection: connection.name,
        observers: this.observers.deliveries,
      });
      return [listener, delivery] as const;
    });
    return new ListenerGroup(plan, new Map(deliveries), this.#log);
  }

  #stores(listeners: readonly ListenerDefinition[]): ReadonlyMap<ListenerDefinition, IdempotencyStore> {
    const found = new Map<ListenerDefinition, IdempotencyStore>();
    const problems: string[] = [];
    for (const listener of listeners) {
      const { idempotency } = listener.options;
      const store = idempotency && this.#storeOf(idempotency);
      if (typeof store === 'string') problems.push(`${listener.place}: idempotency.store ${store}`);
      else if (store) found.set(listener, store);
    }
    if (problems.length > 0) throw optionsError('@RocketMQMessageListener', problems);
    return found;
  }

  /** The store, or why there is none. */
  #storeOf({ store }: IdempotencyOptions): IdempotencyStore | string {
    if (isIdempotencyStore(store)) return store;
    try {
      const provided: unknown = this.modules.get(store, { strict: false });
      return isIdempotencyStore(provided) ? provided : 'is a provider without has and add';
    } catch (error) {
      return `is no provider of this application: ${messageOf(error)}`;
    }
  }
}
