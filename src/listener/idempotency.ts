import type { InjectionToken } from '@nestjs/common';
import { ValidateBy } from 'class-validator';
import type { ReceivedMessage } from '../../libs/client/src/index.js';

/**
 * Remembers which messages were handled. Asked before the handler and told after it, so that a message whose handler died
 * half-way is handled again: at least once stays, repetitions by brokers and producers go. Two deliveries at the same
 * time both run; a store that wants to forbid that answers the second with a rejection, which makes it come again.
 */
export interface IdempotencyStore {
  /** True when the message of this key was handled before. */
  has(key: string): boolean | Promise<boolean>;
  /** Called when the handler has ended well. */
  add(key: string): void | Promise<void>;
}

/** Option `idempotency` of listeners. */
export interface IdempotencyOptions {
  /** A store, or the class or token of a provider that is one. */
  readonly store: IdempotencyStore | InjectionToken;
  /** What makes two messages the same. Default: the message id that its producer gave it, which repetitions share. */
  readonly key?: (message: ReceivedMessage) => string;
}

/** Option decorator. */
export const Idempotent = (): PropertyDecorator =>
  ValidateBy({
    name: 'idempotency',
    validator: {
      validate: isIdempotency,
      defaultMessage: () =>
        'must be { store: <object with has and add, or a provider of one>, key?: (message) => text }',
    },
  });

export function isIdempotencyStore(value: unknown): value is IdempotencyStore {
  if (typeof value !== 'object' || value === null) return false;
  const { has, add } = value as Record<string, unknown>;
  return typeof has === 'function' && typeof add === 'function';
}

function isIdempotency(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { store, key, ...rest } = value as Record<string, unknown>;
  const isToken = ['string', 'symbol', 'function'].includes(typeof store);
  return (
    (isToken || isIdempotencyStore(store)) &&
    ['undefined', 'function'].includes(typeof key) &&
    Object.keys(rest).length === 0
  );
}

/** Asks a store about the messages of one listener: other listeners handle the same message for themselves. */
export class HandledMessages {
  readonly #keyOf: (message: ReceivedMessage) => string;

  constructor(
    private readonly store: IdempotencyStore,
    private readonly scope: string,
    keyOf: ((message: ReceivedMessage) => string) | undefined,
  ) {
    this.#keyOf = keyOf ?? (({ msgId }) => msgId);
  }

  async has(message: ReceivedMessage): Promise<boolean> {
    return this.store.has(this.#key(message));
  }

  async add(message: ReceivedMessage): Promise<void> {
    await this.store.add(this.#key(message));
  }

  #key(message: ReceivedMessage): string {
    return `${this.scope}:${this.#keyOf(message)}`;
  }
}
