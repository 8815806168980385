const filterKey = 'rocketmq:message-filter';

/** The method that a decorator on a class means. */
export const classFilterMethod = 'matches';

/**
 * Makes a provider's class (its `matches`) or one of its methods a filter of the brokers that this application hosts.
 * Consumers subscribe to it by its name (`subscribe(topic, { filterClass: name })`, in Java `subscribe(topic, name,
 * null)`). It is called with a FilteredMessage for each message, must answer with true or false at once, and has 5 ms
 * for 100 messages: one that is slower is switched off. Messages pass when it throws.
 *
 * @example
 * ```ts
 * \@Injectable()
 * \@MessageFilter('large-orders')
 * export class LargeOrders {
 *   matches(message: FilteredMessage): boolean {
 *     return Number(message.properties.get('amount')) > 1000;
 *   }
 * }
 * ```
 */
export function MessageFilter(name: string): ClassDecorator & MethodDecorator {
  return (target: object, method?: string | symbol, descriptor?: PropertyDescriptor): void => {
    if (method !== undefined && typeof descriptor?.value !== 'function') {
      throw new TypeError('@MessageFilter stands on classes and on methods');
    }
    Reflect.defineMetadata(filterKey, name, method === undefined ? target : (descriptor?.value as object));
  };
}

/** What the decorator stored on a class or a method; undefined when nothing. */
export function filterNameOf(target: object): unknown {
  return Reflect.getMetadata(filterKey, target);
}
