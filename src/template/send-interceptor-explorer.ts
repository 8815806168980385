import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { optionsError } from '../options/validate.js';
import { isObject, prototypeOf, type ProviderRecord } from '../provider-records.js';
import { interceptorOptionsOf, type SendInterceptor } from './send-interceptor.js';

/** Finds every `@RocketMQSendInterceptor` in the application. */
@Injectable()
export class SendInterceptorExplorer {
  constructor(private readonly discovery: DiscoveryService) {}

  /** Outermost first. @throws RocketMQOptionsError naming every one that cannot be used, and why. */
  explore(): readonly SendInterceptor[] {
    const problems: string[] = [];
    const found = new Map<SendInterceptor, number>();
    for (const provider of this.discovery.getProviders()) {
      const type = prototypeOf(provider)?.constructor;
      const options = type && interceptorOptionsOf(type);
      if (options === undefined) continue;
      const { order = 0 } = options;
      const problem = Number.isFinite(order) ? problemOf(provider) : `order must be a number; it is ${String(order)}`;
      if (problem === undefined) found.set(provider.instance as SendInterceptor, order);
      else problems.push(`${String(provider.name)}: ${problem}`);
    }
    if (problems.length > 0) throw optionsError('@RocketMQSendInterceptor', problems);
    return [...found].toSorted(([, one], [, other]) => one - other).map(([interceptor]) => interceptor);
  }
}

function problemOf(provider: ProviderRecord): string | undefined {
  if (!provider.isDependencyTreeStatic())
    return 'has request or transient scope; messages are sent outside of requests';
  const instance: unknown = provider.instance;
  const intercept = isObject(instance) ? (instance as Partial<SendInterceptor>).intercept : undefined;
  return typeof intercept === 'function' ? undefined : 'the class has no method intercept';
}
