import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { dlqTopicOf } from '../../libs/protocol/src/message/index.js';
import { checkOptions, optionsError } from '../options/validate.js';
import { marksOn, prototypeOf, type ProviderRecord } from '../provider-records.js';
import { payloadPosition } from './handler-parameters.js';
import { RocketMQDlqListenerOptions, RocketMQListenerOptions } from './listener-options.js';
import {
  classListenerMethod,
  type ListenerKind,
  listenerMarkOf,
  type ListenerMark,
  parameterTypesOf,
} from './rocketmq-message-listener.js';

/** A listener, whatever is called when a message comes. */
export interface ListenerDefinition {
  /** 'Billing.onMessage', for messages to people. */
  readonly place: string;
  readonly kind: ListenerKind;
  readonly options: RocketMQListenerOptions;
  /** Constructor the payload is turned into, undefined when nothing tells. */
  readonly payloadType: unknown;
}

/** A listener found in the application: a method of a provider. */
export interface ProviderListener extends ListenerDefinition {
  readonly provider: ProviderRecord;
  readonly method: string;
}

/** Finds every listener in the application, whatever its kind. */
@Injectable()
export class ListenerExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /** @throws RocketMQOptionsError naming every wrong option of every listener. */
  explore(): ProviderListener[] {
    const problems: string[] = [];
    const found: ProviderListener[] = [];
    for (const provider of this.discovery.getProviders()) {
      for (const { method, mark } of this.#listenersOf(provider)) {
        const place = `${nameOf(provider)}.${method}`;
        const { value, problems: wrong } = checkedOptions(mark);
        problems.push(...wrong.map((problem) => `${place}: ${problem}`));
        if (!hasMethod(provider, method)) problems.push(`${place}: the class has no method ${method}`);
        if (value.enabled === false) continue;
        const payloadType = payloadTypeOf(provider, method, value);
        found.push({ place, kind: mark.kind, options: value, provider, method, payloadType });
      }
    }
    problems.push(...this.#onControllers());
    if (problems.length > 0) throw optionsError('@RocketMQMessageListener', problems);
    return found;
  }

  #listenersOf(provider: ProviderRecord): Iterable<{ readonly method: string; readonly mark: ListenerMark }> {
    return marksOn(provider, this.scanner, classListenerMethod, listenerMarkOf);
  }

  /** Nest does not find the filters of a controller's class outside HTTP, so a listener there would lose them silently. */
  #onControllers(): string[] {
    return this.discovery.getControllers().flatMap((controller) => {
      return [...this.#listenersOf(controller)].map(
        ({ method }) =>
          `${nameOf(controller)}.${method}: stands on a controller; move it to a provider, where guards, pipes, interceptors and filters apply`,
      );
    });
  }
}

/** Options of dead-letter listeners as if their topic had been named. */
function checkedOptions({ kind, options }: ListenerMark): { value: RocketMQListenerOptions; problems: string[] } {
  if (kind !== 'dlq') {
    const checked = checkOptions(RocketMQListenerOptions, options);
    return kind === 'reply'
      ? { ...checked, problems: [...checked.problems, ...replyProblems(checked.value)] }
      : checked;
  }
  const { value, problems } = checkOptions(RocketMQDlqListenerOptions, options);
  const { deadGroup, consumeFromWhere = 'CONSUME_FROM_FIRST_OFFSET', ...shared } = value;
  if (deadGroup === value.consumerGroup) problems.push('deadGroup must be another group than consumerGroup');
  const topic = dlqTopicOf(deadGroup);
  return { value: Object.assign(new RocketMQListenerOptions(), shared, { consumeFromWhere, topic }), problems };
}

function replyProblems({ batch, messageModel }: RocketMQListenerOptions): string[] {
  const problems: string[] = [];
  if (batch !== undefined) problems.push('batch cannot be combined with a reply: each request has its own');
  if (messageModel === 'BROADCASTING')
    problems.push('messageModel BROADCASTING cannot be combined with a reply: every member would answer');
  return problems;
}

function hasMethod(provider: ProviderRecord, method: string): boolean {
  const prototype = prototypeOf(provider) as Record<string, unknown> | undefined;
  return typeof prototype?.[method] === 'function';
}

function payloadTypeOf(provider: ProviderRecord, method: string, options: RocketMQListenerOptions): unknown {
  const prototype = prototypeOf(provider);
  // The parameter of a batch is a list: what is in it TypeScript does not tell.
  if (options.payloadType || !prototype || options.batch !== undefined) return options.payloadType;
  const position = payloadPosition(prototype.constructor, method);
  return position === undefined ? undefined : parameterTypesOf(prototype, method)?.[position];
}

function nameOf(provider: ProviderRecord): string {
  return prototypeOf(provider)?.constructor.name ?? String(provider.name);
}
