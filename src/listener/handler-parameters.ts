import type { PipeTransform, Type } from '@nestjs/common';
import type { RocketMQContext } from './rocketmq-context.js';

/**
 * Where Nest keeps what a handler's parameters are filled with, and where `createParamDecorator` of the application
 * writes: the same place, so that both kinds work side by side on a listener. Checked against Nest by a spec.
 */
export const routeArgumentsKey = '__routeArguments__';

/** Nest's number of a request body: pipes then see type 'body', and ValidationPipe validates. Others are 'custom' to pipes. */
const payloadParameter = 3;
const contextParameter = 100;
const messageParameter = 101;

type Pipe = Type<PipeTransform> | PipeTransform;

interface ParameterEntry {
  readonly index: number;
  readonly data?: unknown;
  readonly pipes: readonly Pipe[];
}

type ParameterEntries = Readonly<Record<string, ParameterEntry>>;

/**
 * The decoded payload, or one property of it: `@RocketMQPayload()`, `@RocketMQPayload('id', ParseIntPipe)`. Runs
 * through pipes like a request body.
 */
export function RocketMQPayload(...pipes: Pipe[]): ParameterDecorator;
export function RocketMQPayload(property: string, ...pipes: Pipe[]): ParameterDecorator;
export function RocketMQPayload(first?: string | Pipe, ...rest: Pipe[]): ParameterDecorator {
  const property = typeof first === 'string' ? first : undefined;
  const pipes = first === undefined || typeof first === 'string' ? rest : [first, ...rest];
  return parameterDecorator(payloadParameter, property, pipes);
}

/** The message as received: body bytes, properties, queue, offsets. */
export const RocketMQMessage = (): ParameterDecorator => parameterDecorator(messageParameter, undefined, []);

/** The {@link RocketMQContext}. */
export const RocketMQCtx = (): ParameterDecorator => parameterDecorator(contextParameter, undefined, []);

/** Gives Nest the value of a parameter; `args` is what the listener was called with. */
export const parameterValues = {
  exchangeKeyForValue(type: number, data: unknown, args: unknown[]): unknown {
    const [payload, context] = args as [unknown, RocketMQContext];
    if (type === contextParameter) return context;
    if (type === messageParameter) return context.message;
    if (type !== payloadParameter) return undefined;
    return typeof data === 'string' ? (payload as Record<string, unknown> | undefined)?.[data] : payload;
  },
};

/**
 * Without decorators the first parameter is the payload and the second the context. Writing that down as if they were
 * decorated makes pipes run on the payload too.
 */
export function declareUndecoratedParameters(target: object, method: string): void {
  const entries = parametersOf(target, method);
  const decorated = new Set(Object.values(entries).map(({ index }) => index));
  const added: Record<string, ParameterEntry> = {};
  if (!decorated.has(0)) added[`${payloadParameter}:0`] = { index: 0, pipes: [] };
  if (!decorated.has(1)) added[`${contextParameter}:1`] = { index: 1, pipes: [] };
  Reflect.defineMetadata(routeArgumentsKey, { ...entries, ...added }, target, method);
}

/** Position of the parameter that takes the whole payload, or undefined when none does. */
export function payloadPosition(target: object, method: string): number | undefined {
  const found = Object.entries(parametersOf(target, method)).find(([key, { data }]) => {
    return key.startsWith(`${payloadParameter}:`) && data === undefined;
  });
  return found?.[1].index;
}

function parametersOf(target: object, method: string): ParameterEntries {
  return (Reflect.getMetadata(routeArgumentsKey, target, method) as ParameterEntries | undefined) ?? {};
}

function parameterDecorator(kind: number, data: string | undefined, pipes: readonly Pipe[]): ParameterDecorator {
  return (prototype, method, index) => {
    if (method === undefined)
      throw new TypeError('RocketMQ parameter decorators stand on parameters of methods, not of constructors');
    const target = prototype.constructor;
    const entries = parametersOf(target, String(method));
    const entry: ParameterEntry = { index, ...(data === undefined ? {} : { data }), pipes };
    Reflect.defineMetadata(routeArgumentsKey, { ...entries, [`${kind}:${index}`]: entry }, target, method);
  };
}
