import { RocketMQError } from '../../../common/src/index.js';
import { encodeProperty, MessageProperty, type MessagePropertyName } from '../../../protocol/src/message/index.js';
import type { DeliveryDelay } from '../contract/index.js';

interface Kind {
  readonly option: keyof DeliveryDelay;
  readonly property: MessagePropertyName;
  readonly least: number;
  readonly unit: string;
}

/** As Java's Message writes them. The broker turns a delay into an instant: its clock counts, not the sender's. */
const kinds: readonly Kind[] = [
  { option: 'delayTimeLevel', property: MessageProperty.DELAY, least: 1, unit: 'a level' },
  { option: 'delayTimeMs', property: MessageProperty.TIMER_DELAY_MS, least: 0, unit: 'milliseconds' },
  {
    option: 'deliverTimeMs',
    property: MessageProperty.TIMER_DELIVER_MS,
    least: 1,
    unit: 'milliseconds since the epoch',
  },
];
const highestLevel = 2 ** 31 - 1;

export function isDelayed({ delayTimeLevel, delayTimeMs, deliverTimeMs }: DeliveryDelay): boolean {
  return delayTimeLevel !== undefined || delayTimeMs !== undefined || deliverTimeMs !== undefined;
}

/**
 * The pair that asks for the delay.
 *
 * @throws RocketMQError ARGUMENT_INVALID for a wrong one, or more than one of them.
 */
export function delayProperty(delay: DeliveryDelay): string {
  const asked = kinds.filter(({ option }) => delay[option] !== undefined);
  const [kind, other] = asked;
  if (kind === undefined) return '';
  if (other !== undefined) {
    throw invalid(`${kind.option} and ${other.option} exclude each other: a message has one of them at most`);
  }
  const value: unknown = delay[kind.option];
  const most = kind.option === 'delayTimeLevel' ? highestLevel : Number.MAX_SAFE_INTEGER;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < kind.least || value > most) {
    throw invalid(`${kind.option} must be ${kind.unit}, a whole number from ${kind.least} on, not ${String(value)}`);
  }
  return encodeProperty(kind.property, String(value));
}

function invalid(message: string): RocketMQError {
  return new RocketMQError('ARGUMENT_INVALID', message);
}
