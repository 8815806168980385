import type { MessageHandler } from '@nestjs/microservices';
import type { RocketMQConnections } from '../connection/rocketmq-connections.js';
import type { ListenerDefinition } from '../listener/listener-explorer.js';
import type { ListenerCall } from '../listener/listener-invoker.js';
import type { RocketMQListenerOptions } from '../listener/listener-options.js';
import { optionsError } from '../options/validate.js';
import type { RocketMQMicroserviceOptions } from './microservice-options.js';
import { type AroundMessage, eventCall, requestCall } from './pattern-call.js';
import { checkPatternOptions } from './pattern-options.js';

interface PatternHandler {
  readonly pattern: string;
  readonly handler: MessageHandler;
  readonly isEvent: boolean;
  readonly extras: Readonly<Record<string, unknown>>;
}

/** A pattern in a group: handlers that share each message. */
interface Route {
  readonly place: string;
  readonly connection: string;
  readonly isEvent: boolean;
  readonly options: RocketMQListenerOptions;
  readonly handlers: MessageHandler[];
}

/** The handlers that Nest has found, as listeners. */
export class PatternHandlers {
  readonly #found: PatternHandler[] = [];

  constructor(
    private readonly defaults: RocketMQMicroserviceOptions,
    private readonly connections: RocketMQConnections,
  ) {}

  /** What is wrong is told by {@link listeners}. */
  add(pattern: string, handler: MessageHandler, isEvent: boolean, extras: Readonly<Record<string, unknown>>): void {
    this.#found.push({ pattern, handler, isEvent, extras });
  }

  /** @throws RocketMQOptionsError naming everything that is wrong with every pattern. */
  listeners(around: AroundMessage): [ListenerDefinition, ListenerCall][] {
    const problems: string[] = [];
    const routes = new Map<string, Route>();
    for (const { pattern, handler, isEvent, extras } of this.#found) {
      const place = placeOf(pattern, isEvent);
      const {
        connection,
        options,
        problems: wrong,
      } = checkPatternOptions(pattern, extras, this.defaults, this.connections);
      problems.push(...wrong.map((problem) => `${place}: ${problem}`));
      if (wrong.length > 0 || options.enabled === false) continue;
      const route: Route = { place, connection, isEvent, options, handlers: [handler] };
      const key = JSON.stringify([connection, options.consumerGroup, pattern]);
      const other = routes.get(key);
      if (other === undefined) routes.set(key, route);
      else problems.push(...shared(other, route));
    }
    if (problems.length > 0) throw optionsError('RocketMQServer', problems);
    return [...routes.values()].map((route) => [definitionOf(route), callOf(route, around)]);
  }
}

function placeOf(pattern: string, isEvent: boolean): string {
  return `${isEvent ? '@EventPattern' : '@MessagePattern'}('${pattern}')`;
}

/** Puts the handler of `added` to those of `route`, or says why it cannot be. */
function shared(route: Route, added: Route): string[] {
  const { consumerGroup } = added.options;
  if (!route.isEvent || !added.isEvent) {
    return [
      `${added.place}: group '${consumerGroup}' handles ${route.place} already, and a request has one answer. Give them different groups or patterns`,
    ];
  }
  const before = route.options as unknown as Record<string, unknown>;
  const given = Object.entries(added.options).filter(([, value]) => value !== undefined);
  const different = given.filter(([name, value]) => before[name] !== undefined && before[name] !== value);
  Object.assign(route.options, Object.fromEntries(given));
  route.handlers.push(...added.handlers);
  return different.map(
    ([name]) =>
      `${added.place}: two handlers in group '${consumerGroup}' have different ${name}. They share each message: give them different groups or the same ${name}`,
  );
}

function definitionOf({ place, connection, isEvent, options }: Route): ListenerDefinition {
  return { place, kind: isEvent ? 'message' : 'rpc', connection, options, payloadType: options.payloadType };
}

function callOf({ isEvent, handlers }: Route, around: AroundMessage): ListenerCall {
  const [first] = handlers;
  return isEvent || first === undefined ? eventCall(handlers, around) : requestCall(first, around);
}
