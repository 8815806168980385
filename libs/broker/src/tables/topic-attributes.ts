import { RocketMQError } from '../../../common/src/index.js';

/** What an attribute may be set to here. Apache's other values ask for stores that are not served. */
const allowedValues: Readonly<Record<string, readonly string[]>> = {
  'message.type': ['UNSPECIFIED', 'NORMAL', 'FIFO', 'DELAY', 'TRANSACTION', 'MIXED'],
  'queue.type': ['SimpleCQ'],
  'cleanup.policy': ['DELETE'],
};

/**
 * A topic's attributes after a change in Apache's form: "+key=value,-key". Undefined when there are none.
 *
 * @throws RocketMQError ARGUMENT_INVALID naming the part that is wrong.
 */
export function alterAttributes(
  current: ReadonlyMap<string, string> | undefined,
  change: string | undefined,
): ReadonlyMap<string, string> | undefined {
  const attributes = new Map(current);
  for (const part of change ? change.split(',') : []) {
    const { key, value } = parse(part);
    if (value === undefined) attributes.delete(key);
    else attributes.set(key, value);
  }
  return attributes.size === 0 ? undefined : attributes;
}

function parse(part: string): { key: string; value: string | undefined } {
  const [, sign, key = '', value] = /^([+-])([^=]+)(?:=(.*))?$/.exec(part) ?? [];
  if (sign === undefined || (sign === '+') !== (value !== undefined)) throw refused(part, 'write +key=value or -key');
  const allowed = Object.hasOwn(allowedValues, key) ? (allowedValues[key] ?? []) : undefined;
  if (allowed === undefined) throw refused(part, `attributes are ${Object.keys(allowedValues).join(', ')}`);
  if (value !== undefined && !allowed.includes(value)) throw refused(part, `${key} may be ${allowed.join(', ')} here`);
  return { key, value };
}

function refused(part: string, advice: string): RocketMQError {
  return new RocketMQError('ARGUMENT_INVALID', `topic attribute ${JSON.stringify(part.slice(0, 64))}: ${advice}`);
}
