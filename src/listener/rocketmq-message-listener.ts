import type { DefaultOptionsObject, OptionsOrFunctions } from '../options/option-functions.js';
import { declareUndecoratedParameters } from './handler-parameters.js';
import type { ConsumingOptions, RocketMQDlqListenerOptions, RocketMQListenerOptions } from './listener-options.js';

const listenerKey = 'rocketmq:listener';
const parameterTypesKey = 'design:paramtypes';

/** The method that a decorator on a class means. */
export const classListenerMethod = 'onMessage';

/** 'reply': what the handler returns answers the request; 'rpc': so does what it throws. 'dlq': the dead letters of a group. */
export type ListenerKind = 'message' | 'reply' | 'rpc' | 'dlq';

/** Whether what the handler returns is a reply. */
export function isAnswering(kind: ListenerKind): boolean {
  return kind === 'reply' || kind === 'rpc';
}

/** What a decorator stores; options are not checked yet. */
export interface ListenerMark {
  readonly kind: ListenerKind;
  readonly options: object;
}

/**
 * Options of a decorator, each of them a value or a function of the options object of the connection:
 * `topic: (options: ShopOptions) => options.topics.orders`. A listener with a `name` may leave to forFeature what it has to
 * have otherwise.
 */
export type DecoratorOptions<T, O> =
  OptionsOrFunctions<T, O> | (OptionsOrFunctions<Partial<T>, O> & { readonly name: string });

/**
 * Makes a provider's class (its `onMessage`) or one of its methods a listener of a consumer group. Listeners that name
 * the same group are one consumer, and each message goes to one of them: to the one that names its tag, else to the one
 * that takes '*'. Options are checked when the application starts.
 *
 * @example
 * ```ts
 * \@Injectable()
 * \@RocketMQMessageListener({ topic: 'orders', consumerGroup: 'billing', selectorExpression: 'placed' })
 * export class Billing implements RocketMQListener<Order> {
 *   async onMessage(order: Order) {}
 * }
 * ```
 */
export function RocketMQMessageListener<O extends object = DefaultOptionsObject>(
  options: DecoratorOptions<RocketMQListenerOptions, O>,
): ClassDecorator & MethodDecorator {
  return listenerDecorator('message', '@RocketMQMessageListener', options);
}

/**
 * As {@link RocketMQMessageListener}, for requests: what the handler returns (text, bytes, or what JSON can hold; nothing
 * is JSON's null, as RocketMQ knows no empty body) goes to whoever sent the message with `sendAndReceive`, or Java's `request`. A handler that throws
 * gets the request again, as ever; that the requester is gone by then, or did not ask for a reply, is only logged.
 *
 * @example
 * ```ts
 * \@RocketMQReplyListener({ topic: 'quotes', consumerGroup: 'pricing' })
 * quote(request: QuoteRequest): Quote { return { price: 5 }; }
 * ```
 */
export function RocketMQReplyListener<O extends object = DefaultOptionsObject>(
  options: DecoratorOptions<RocketMQListenerOptions, O>,
): ClassDecorator & MethodDecorator {
  return listenerDecorator('reply', '@RocketMQReplyListener', options);
}

/**
 * As {@link RocketMQMessageListener}, for the dead letters of a group: messages that came too often, or were given up.
 * `context.originTopic` says where they were sent to once.
 *
 * @example
 * ```ts
 * \@RocketMQDlqListener({ deadGroup: 'billing', consumerGroup: 'billing-dead' })
 * bury(order: Order, context: RocketMQContext) {}
 * ```
 */
export function RocketMQDlqListener<O extends object = DefaultOptionsObject>(
  options: DecoratorOptions<RocketMQDlqListenerOptions, O>,
): ClassDecorator & MethodDecorator {
  return listenerDecorator('dlq', '@RocketMQDlqListener', options);
}

function listenerDecorator(kind: ListenerKind, name: string, options: object): ClassDecorator & MethodDecorator {
  return (target: object, method?: string | symbol, descriptor?: PropertyDescriptor): void => {
    const mark: ListenerMark = { kind, options };
    if (method === undefined) {
      declareUndecoratedParameters(target, classListenerMethod);
      Reflect.defineMetadata(listenerKey, mark, target);
      return;
    }
    if (typeof descriptor?.value !== 'function') throw new TypeError(`${name} stands on classes and on methods`);
    declareUndecoratedParameters(target.constructor, String(method));
    Reflect.defineMetadata(listenerKey, mark, descriptor.value);
  };
}

/** What the decorator stored on a class, an ancestor of it, or a method; undefined when nothing. */
export function listenerMarkOf(target: object): ListenerMark | undefined {
  return Reflect.getMetadata(listenerKey, target) as ListenerMark | undefined;
}

/** Types of a method's parameters as TypeScript wrote them down; it does so only for decorated methods. */
export function parameterTypesOf(prototype: object, method: string): readonly unknown[] | undefined {
  return Reflect.getMetadata(parameterTypesKey, prototype, method) as readonly unknown[] | undefined;
}

/**
 * `payloadType` stands in where TypeScript wrote no types, so that pipes know the class to validate. A batch is a list.
 * Written on the instance: another application in the process may say something else of the class.
 */
export function declareParameterTypes(
  instance: object,
  method: string,
  { batch, payloadType }: Pick<ConsumingOptions, 'batch' | 'payloadType'>,
): void {
  if (parameterTypesOf(instance, method)) return;
  const type = batch === undefined ? payloadType : Array;
  if (type) Reflect.defineMetadata(parameterTypesKey, [type, Object], instance, method);
}
