import type { PipeTransform, Type } from '@nestjs/common';
import type { ReceivedMessage } from '../../libs/client/src/index.js';
import type { RocketMQContext } from './rocketmq-context.js';

/**
 * Where Nest keeps what a handler's parameters are filled with, and where `createParamDecorator` of the application
 * writes: the same place, so that both kinds work side by side on a listener. Checked against Nest by a spec.
 */
export const routeArgumentsKey = '__routeArguments__';

/**
 * Nest's number of a request body: pipes then see type 'body', and ValidationPipe validates. Others are 'custom' to pipes.
 * It is the number of `@Payload()` of @nestjs/microservices as well, which therefore works here without being known.
 */
const payloadParameter = 3;
/** `@Ctx()` of @nestjs/microservices. `@Headers('name')` of @nestjs/common has the same number, and a name. */
const microserviceContextParameter = 6;
const contextParameter = 100;
const messageParameter = 101;
const headersParameter = 102;

/** A pipe, or its class. */
export type Pipe = Type<PipeTransform> | PipeTransform;

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
  return withProperty(payloadParameter, first, rest);
}

/** A message as received, with its payload: what listeners with `batch` get a list of. */
export interface RocketMQMessage<T = unknown> extends ReceivedMessage {
  readonly payload: T;
}

/** The message as received: body bytes, properties, queue, offsets. With `batch` the list of all. */
export const RocketMQMessage = (): ParameterDecorator => parameterDecorator(messageParameter, undefined, []);

/**
 * All properties of the message, the system's too, as a plain object; or one of them: `@RocketMQHeaders('tenant')`. With
 * `batch` a list with an entry for each message.
 */
export function RocketMQHeaders(...pipes: Pipe[]): ParameterDecorator;
export function RocketMQHeaders(property: string, ...pipes: Pipe[]): ParameterDecorator;
export function RocketMQHeaders(first?: string | Pipe, ...rest: Pipe[]): ParameterDecorator {
  return withProperty(headersParameter, first, rest);
}

/** The {@link RocketMQContext}. */
export const RocketMQCtx = (): ParameterDecorator => parameterDecorator(contextParameter, undefined, []);

/**
 * Gives Nest the value of a parameter; `args` is what the listener was called with: the payload (with `batch` the list
 * of messages) and the context.
 */
export const parameterValues = {
  exchangeKeyForValue(type: number, data: unknown, args: unknown[]): unknown {
    const [payload, context] = args as [unknown, RocketMQContext];
    const name = typeof data === 'string' ? data : undefined;
    switch (type) {
      case payloadParameter:
        return name === undefined ? payload : (payload as Record<string, unknown> | undefined)?.[name];
      case contextParameter:
        return context;
      case messageParameter:
        return context.isBatch ? payload : context.message;
      case headersParameter:
        return headersOf(context, name);
      case microserviceContextParameter:
        return name === undefined ? context : headersOf(context, name);
      default:
        return undefined;
    }
  },
};

function headersOf(context: RocketMQContext, name: string | undefined): unknown {
  const pick = ({ properties }: ReceivedMessage): unknown =>
    name === undefined ? Object.fromEntries(properties) : properties.get(name);
  return context.isBatch ? context.messages.map(pick) : pick(context.message);
}

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

function withProperty(kind: number, first: string | Pipe | undefined, rest: readonly Pipe[]): ParameterDecorator {
  const property = typeof first === 'string' ? first : undefined;
  const pipes = first === undefined || typeof first === 'string' ? rest : [first, ...rest];
  return parameterDecorator(kind, property, pipes);
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
