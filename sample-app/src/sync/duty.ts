import type { OrderChange } from '../orders/order-change.js';

/**
 * One responsibility of the shop that follows changes of orders. A message may come twice and two revisions of an order
 * may swap places, so a duty sets what a revision says instead of adding to what was there.
 */
export interface Duty {
  readonly name: string;
  handle(change: OrderChange): void | Promise<void>;
}

/** Injection token of all duties. */
export const DUTIES = 'DUTIES';
