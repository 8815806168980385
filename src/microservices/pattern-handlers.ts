import type { MessageHandler } from '@nestjs/microservices';
import type { ListenerDefinition } from '../listener/listener-explorer.js';
import type { ListenerCall } from '../listener/listener-invoker.js';
import type { RocketMQListenerOptions } from '../listener/listener-options.js';
import { optionsError } from '../options/validate.js';
import { type AroundMessage, eventCall, requestCall } from './pattern-call.js';
import { checkPatternOptions } from './pattern-options.js';

interface Route {
  readonly place: string;
  readonly isEvent: boolean;
  options: RocketMQListenerOptions;
  readonly handlers: MessageHandler[];
}

/** The handlers that Nest has found, by pattern and group, as listeners. */
export class PatternHandlers {
  readonly #routes = new Map<string, Route>();
  readonly #problems: string[] = [];

  /** @param group - Where a pattern names none. */
  constructor(private readonly group: string | undefined) {}

  /** Nothing is thrown: see {@link listeners}. */
  add(pattern: string, handler: MessageHandler, isEvent: boolean, extras: Readonly<Record<string, unknown>>): void {
    const place = `${isEvent ? '@EventPattern' : '@MessagePattern'}('${pattern}')`;
    const { options, problems } = checkPatternOptions(pattern, extras, isEvent, this.group);
    if (problems.length > 0) {
      this.#problems.push(...problems.map((problem) => `${place}: ${problem}`));
      return;
    }
    if (options.enabled === false) return;
    const key = JSON.stringify([pattern, options.consumerGroup]);
    const other = this.#routes.get(key);
    if (other === undefined) this.#routes.set(key, { place, isEvent, options, handlers: [handler] });
    else this.#share(other, { place, isEvent, options, handlers: [handler] });
  }

  /** @throws RocketMQOptionsError naming everything that is wrong with every pattern. */
  listeners(around: AroundMessage): [ListenerDefinition, ListenerCall][] {
    if (this.#problems.length > 0) throw optionsError('RocketMQServer', this.#problems);
    return [...this.#routes.values()].map(({ place, isEvent, options, handlers }) => {
      const kind = isEvent ? ('message' as const) : ('rpc' as const);
      const [first] = handlers;
      const call = isEvent || first === undefined ? eventCall(handlers, around) : requestCall(first, around);
      return [{ place, kind, options, payloadType: options.payloadType }, call];
    });
  }

  /** Several handlers of an event in one group are one listener. */
  #share(route: Route, added: Route): void {
    const { consumerGroup } = added.options;
    if (!route.isEvent || !added.isEvent) {
      this.#problems.push(
        `${added.place}: group '${consumerGroup}' handles ${route.place} already, and a request has one answer. Give them different groups or patterns`,
      );
      return;
    }
    for (const [name, value] of Object.entries(added.options)) {
      const before: unknown = (route.options as unknown as Record<string, unknown>)[name];
      if (value === undefined || before === undefined || before === value) continue;
      this.#problems.push(
        `${added.place}: two handlers in group '${consumerGroup}' have different ${name}. They share each message: give them different groups or the same ${name}`,
      );
    }
    const given = Object.entries(added.options).filter(([, value]) => value !== undefined);
    route.options = Object.assign(route.options, Object.fromEntries(given));
    route.handlers.push(...added.handlers);
  }
}
