/**
 * An array that is one message, where an array as such would be a batch.
 *
 * @example
 * ```ts
 * await template.send('sums', new OneMessage([1, 2, 3]));
 * ```
 */
export class OneMessage<T = unknown> {
  constructor(readonly payload: T) {}
}
