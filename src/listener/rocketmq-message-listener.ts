import { declareUndecoratedParameters } from './handler-parameters.js';
import type { RocketMQListenerOptions } from './listener-options.js';

const listenerKey = 'rocketmq:listener';
const parameterTypesKey = 'design:paramtypes';

/** The method that a decorator on a class means. */
export const classListenerMethod = 'onMessage';

/**
 * Makes a provider's class (its `onMessage`) or one of its methods the listener of a consumer group. Options are
 * checked when the application starts.
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
export function RocketMQMessageListener(options: RocketMQListenerOptions): ClassDecorator & MethodDecorator {
  return (target: object, method?: string | symbol, descriptor?: PropertyDescriptor): void => {
    if (method === undefined) {
      prepareClass(target as ListenerClass, options);
      Reflect.defineMetadata(listenerKey, options, target);
      return;
    }
    if (typeof descriptor?.value !== 'function') {
      throw new TypeError('@RocketMQMessageListener stands on classes and on methods');
    }
    prepareParameters(target.constructor, target, String(method), options);
    Reflect.defineMetadata(listenerKey, options, descriptor.value);
  };
}

/** What the decorator stored on a class, an ancestor of it, or a method; undefined when nothing. */
export function listenerOptionsOf(target: object): RocketMQListenerOptions | undefined {
  return Reflect.getMetadata(listenerKey, target) as RocketMQListenerOptions | undefined;
}

/** Types of a method's parameters as TypeScript wrote them down; it does so only for decorated methods. */
export function parameterTypesOf(prototype: object, method: string): readonly unknown[] | undefined {
  return Reflect.getMetadata(parameterTypesKey, prototype, method) as readonly unknown[] | undefined;
}

interface ListenerClass {
  readonly prototype: object;
}

function prepareClass(target: ListenerClass, options: RocketMQListenerOptions): void {
  prepareParameters(target, target.prototype, classListenerMethod, options);
}

/** `payloadType` stands in where TypeScript wrote no types, so that pipes know the class to validate. */
function prepareParameters(owner: object, prototype: object, method: string, options: RocketMQListenerOptions): void {
  declareUndecoratedParameters(owner, method);
  if (options.payloadType && !parameterTypesOf(prototype, method)) {
    Reflect.defineMetadata(parameterTypesKey, [options.payloadType, Object], prototype, method);
  }
}
