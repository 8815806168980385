import { Injectable, Scope } from '@nestjs/common';
import { ContextIdFactory, ExternalContextCreator, ModuleRef } from '@nestjs/core';
import { ObservedContexts } from './bare-call.js';
import { parameterValues, routeArgumentsKey } from './handler-parameters.js';
import type { ProviderListener } from './listener-explorer.js';
import { declareParameterTypes } from './rocketmq-message-listener.js';
import { type RocketMQContext, rocketMQContextType } from './rocketmq-context.js';

/**
 * Runs a listener's method with everything Nest puts around it; rejects as the handler, a guard, a pipe or a filter does.
 * A promise unless the method has ended at once and well.
 */
export type ListenerCall = (payload: unknown, context: RocketMQContext) => unknown;

const withoutEnhancers = { guards: false, interceptors: false, filters: false };

/** Makes the call of a listener through Nest's external context: guards, interceptors, pipes and filters apply. */
@Injectable()
export class ListenerInvoker {
  constructor(
    private readonly contexts: ExternalContextCreator,
    private readonly modules: ModuleRef,
  ) {}

  create(listener: ProviderListener): ListenerCall {
    const { provider } = listener;
    const perMessage = !provider.isDependencyTreeStatic() || provider.scope === Scope.TRANSIENT;
    return perMessage ? this.#perMessage(listener) : this.#once(listener, provider.instance as object);
  }

  #once(listener: ProviderListener, instance: object): ListenerCall {
    return this.#wrap(instance, listener, undefined);
  }

  /** Request scope: every message has its own instance, and `REQUEST` is its {@link RocketMQContext}. */
  #perMessage(listener: ProviderListener): ListenerCall {
    const { provider } = listener;
    const modules: ModuleRef = provider.host?.getProviderByKey<ModuleRef>(ModuleRef)?.instance ?? this.modules;
    return async (payload, context) => {
      const contextId = ContextIdFactory.getByRequest(context);
      modules.registerRequestByContextId(context, contextId);
      const instance = await modules.resolve<object>(provider.token, contextId, { strict: false });
      return this.#wrap(instance, listener, contextId)(payload, context);
    };
  }

  #wrap(
    instance: object,
    { method, provider, options }: ProviderListener,
    contextId: ReturnType<typeof ContextIdFactory.create> | undefined,
  ): ListenerCall {
    const callback = (instance as Record<string, (...args: unknown[]) => unknown>)[method];
    if (!callback) throw new TypeError(`${instance.constructor.name} has no method ${method}`);
    declareParameterTypes(instance, method, options);
    const observed = new ObservedContexts(this.contexts);
    const call = observed.contexts.create(
      instance,
      callback,
      method,
      routeArgumentsKey,
      parameterValues,
      contextId,
      provider.id,
      options.enhancers === false ? withoutEnhancers : undefined,
      rocketMQContextType,
    );
    return observed.bareCall(instance, callback) ?? call;
  }
}
