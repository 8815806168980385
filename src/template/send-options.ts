import type { MessageQueue, QueueSelector, SendOptions } from '../../libs/client/src/index.js';
import { nearest } from '../../libs/common/src/index.js';
import { RocketMQOptionsError } from '../options/validate.js';

/** What a send can be told besides where and what. */
export interface RocketMQSendOptions {
  /** Business keys, for finding the message again. */
  readonly keys?: string | readonly string[];
  /** User properties. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Same key, same queue, so in order: the queue that Java's SelectMessageQueueByHash picks. */
  readonly hashKey?: string;
  readonly queue?: MessageQueue;
  readonly selector?: QueueSelector;
  /** Budget over all attempts, milliseconds. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  readonly flag?: number;
  /** false: the broker answers without waiting for disk or slave. */
  readonly waitStoreMsgOK?: boolean;
}

type OptionName = keyof RocketMQSendOptions;

const known: readonly OptionName[] = [
  'keys',
  'properties',
  'hashKey',
  'queue',
  'selector',
  'timeout',
  'signal',
  'flag',
  'waitStoreMsgOK',
];

/** Pairs that ask for two different things at once, and why. */
const contradictions: readonly (readonly [OptionName, OptionName, string])[] = [
  ['hashKey', 'queue', 'each of them chooses the queue'],
  ['hashKey', 'selector', 'each of them chooses the queue'],
  ['queue', 'selector', 'each of them chooses the queue'],
];

/** @throws RocketMQOptionsError naming an unknown option, or two that contradict each other. */
export function checkSendOptions(options: RocketMQSendOptions): void {
  for (const name of Object.keys(options)) {
    if ((known as readonly string[]).includes(name)) continue;
    const near = nearest(name, known);
    throw new RocketMQOptionsError(
      `options.${name} is unknown${near ? `; did you mean ${near}?` : `; known: ${known.join(', ')}`}`,
    );
  }
  for (const [one, other, reason] of contradictions) {
    if (options[one] === undefined || options[other] === undefined) continue;
    throw new RocketMQOptionsError(`options.${one} cannot be combined with options.${other}: ${reason}`);
  }
}

/** The part that says how it is sent. */
export function callOptions(options: RocketMQSendOptions): SendOptions {
  const { hashKey, queue, selector, timeout, signal } = options;
  return { hashKey, queue, selector, timeout, signal };
}
