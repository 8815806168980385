import type { AllocateStrategyName } from '../../libs/client/src/index.js';
import { IsOptional, ValidateBy, ValidateNested, type ValidationArguments } from 'class-validator';
import { groupNameProblem, SystemGroup, topicNameProblem } from '../../libs/protocol/src/index.js';

/**
 * Property decorators for option classes. Each message names what is allowed; the path and the value found are put
 * around it by {@link import('./validate.js').validateOptions}.
 */

/** The option may be left out. */
export const Optional: () => PropertyDecorator = IsOptional;

function check(name: string, allowed: string, validate: (value: unknown) => boolean): PropertyDecorator {
  return ValidateBy({ name, validator: { validate, defaultMessage: () => allowed } });
}

export const Flag = (): PropertyDecorator =>
  check('flag', 'must be true or false', (value) => typeof value === 'boolean');

export const Text = (): PropertyDecorator =>
  check('text', 'must be a text that is not empty', (value) => typeof value === 'string' && value.trim() !== '');

export const OneOf = (...values: readonly string[]): PropertyDecorator =>
  check('oneOf', `must be one of ${values.join(', ')}`, (value) => typeof value === 'string' && values.includes(value));

/** A whole number within bounds, both inclusive; `unit` is shown. */
export function Whole(min: number, max: number = 2 ** 31 - 1, unit = ''): PropertyDecorator {
  const allowed = `must be a whole number from ${min} to ${max}${unit && ` (${unit})`}`;
  return check('whole', allowed, (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max);
}

/** Fractions too. */
export function Positive(max: number, unit: string): PropertyDecorator {
  const allowed = `must be a number more than 0 and at most ${max} (${unit})`;
  return check('positive', allowed, (value) => typeof value === 'number' && value > 0 && value <= max);
}

const nameCharacters = 'letters, digits and % | _ - only';

export const Topic = (): PropertyDecorator =>
  check(
    'topic',
    `must be the name of a topic: ${nameCharacters}, at most 127`,
    (value) => typeof value === 'string' && topicNameProblem(value) === undefined,
  );

export const ProducerGroup = (): PropertyDecorator =>
  check('producerGroup', `must be the name of a group: ${nameCharacters}, at most 255`, isGroup);

/** Apache refuses the default name, too: members of unrelated applications would share it. */
export const ConsumerGroup = (): PropertyDecorator =>
  check(
    'consumerGroup',
    `must be the name of a group: ${nameCharacters}, at most 255, not ${SystemGroup.DEFAULT_CONSUMER}`,
    (value) => isGroup(value) && value !== SystemGroup.DEFAULT_CONSUMER,
  );

function isGroup(value: unknown): boolean {
  return typeof value === 'string' && groupNameProblem(value) === undefined;
}

/** A part of the client id, which becomes the name of a directory. */
export const ClientName = (): PropertyDecorator =>
  check(
    'clientName',
    'must be letters, digits and . : # % | _ - only, at most 255',
    (value) => typeof value === 'string' && /^[\w.:#%|-]{1,255}$/.test(value) && value !== '.' && value !== '..',
  );

/** What `forRoot` calls a connection. */
export const ConnectionName = (): PropertyDecorator => check('connectionName', allowedConnectionName, isConnectionName);
export const allowedConnectionName = 'must be letters, digits and . _ - only, at most 255';

export function isConnectionName(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.-]{1,255}$/.test(value);
}

/** A port a server listens on; 0 takes a free one. */
export const Port = (): PropertyDecorator =>
  check(
    'port',
    'must be a port from 1 to 65535, or 0 for a free one',
    (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65535,
  );

/** Name servers: 'host:port;host:port', or a list of 'host:port'. */
export const NameServers = (): PropertyDecorator =>
  check('nameServers', allowedNameServers, (value) => {
    const list = nameServerList(value);
    return list.length > 0 && list.every(isHostAndPort);
  });

export const allowedNameServers = "must be 'host:port;host:port' or a list of 'host:port'";

/** yyyyMMddHHmmss, as Apache's consumers take it. */
export const Timestamp = (): PropertyDecorator =>
  check('timestamp', "must be a time as 'yyyyMMddHHmmss'", (value) => typeof value === 'string' && isTimestamp(value));

/** The 31st of February is no date, though JavaScript makes one of it. */
function isTimestamp(text: string): boolean {
  const parts = /^(\d{4})(\d\d)(\d\d)([01]\d|2[0-3])[0-5]\d[0-5]\d$/.exec(text);
  const [year = 0, month = 0, day = 0] = parts?.slice(1, 4).map(Number) ?? [];
  const date = new Date(year, month - 1, day);
  return parts !== null && date.getMonth() === month - 1 && date.getDate() === day;
}

const nestedKey = 'rocketmq:nested-options';

/** Options within options. */
export function Nested(optionsClass: new () => object, allowed = 'must be an object of options'): PropertyDecorator {
  const checks = [check('options', allowed, isPlain), ValidateNested({ message: allowed })];
  return (target, property) => {
    Reflect.defineMetadata(nestedKey, optionsClass, target, property);
    for (const declare of checks) declare(target, property);
  };
}

export function nestedClass(options: object, property: string): (new () => object) | undefined {
  return Reflect.getMetadata(nestedKey, options, property) as (new () => object) | undefined;
}

/** A plain object whose entries are judged elsewhere. */
export const Entries = (): PropertyDecorator => check('entries', 'must be an object of keys and values', isPlain);

/** A constructor: what a payload is turned into. */
export const Type = (): PropertyDecorator =>
  check('type', 'must be String, Buffer, Object, or a class', (value) => typeof value === 'function');

/** As the `compressType` beside it has them. */
export function CompressLevel(): PropertyDecorator {
  const boundsBeside = (options?: object): [number, number] =>
    options && 'compressType' in options && options.compressType === 'ZSTD' ? [1, 22] : [0, 9];
  const validate = (value: unknown, place?: ValidationArguments): boolean => {
    const [min, max] = boundsBeside(place?.object);
    return Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
  };
  const defaultMessage = (place?: ValidationArguments): string =>
    `must be a whole number from ${boundsBeside(place?.object).join(' to ')}`;
  return ValidateBy({ name: 'compressLevel', validator: { validate, defaultMessage } });
}

/** Objects whose form is judged elsewhere. */
export const Objects = (): PropertyDecorator =>
  check('objects', 'must be a list of objects', (value) => Array.isArray(value) && value.every(isPlain));

export const Callback = (): PropertyDecorator =>
  check('callback', 'must be a function', (value) => typeof value === 'function');

/** How members of a group share queues: Java's name of it, or a function. */
export const AllocateStrategyOption = (): PropertyDecorator =>
  check(
    'allocateStrategy',
    `must be one of ${allocateStrategies.join(', ')}, or a function`,
    (value) => typeof value === 'function' || allocateStrategies.some((name) => name === value),
  );
const allocateStrategies: readonly AllocateStrategyName[] = ['AVG', 'AVG_BY_CIRCLE', 'CONSISTENT_HASH'];

/** Whole numbers, from `min` on. */
export const WholeNumbers = (min: number): PropertyDecorator =>
  check(
    'wholeNumbers',
    `must be a list of whole numbers from ${min} on`,
    (value) => Array.isArray(value) && value.every((item) => Number.isInteger(item) && Number(item) >= min),
  );

export const Signal = (): PropertyDecorator =>
  check('signal', 'must be an AbortSignal', (value) => value instanceof AbortSignal);

/** 'topic' or 'topic:tag'. */
export const DestinationText = (): PropertyDecorator =>
  check('destination', "must be 'topic' or 'topic:tag'", (value) => {
    const [, topic = ''] = (typeof value === 'string' ? /^([^:]+)(?::.*\S.*)?$/.exec(value) : null) ?? [];
    return topicNameProblem(topic) === undefined;
  });

export function nameServerList(value: unknown): string[] {
  const parts: readonly unknown[] = typeof value === 'string' ? value.split(';') : Array.isArray(value) ? value : [];
  return parts.map((part) => (typeof part === 'string' ? part.trim() : '?')).filter((part) => part !== '');
}

export function isHostAndPort(text: string): boolean {
  const match = /^(?<host>\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+):(?<port>\d{1,5})$/.exec(text);
  const port = Number(match?.groups?.['port']);
  return port > 0 && port <= 65535;
}

export function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
