import { Injectable } from '@nestjs/common';
import type { OrderChange } from '../orders/order-change.js';
import type { OrderStatus } from '../orders/order.js';

export interface ActivityEntry {
  readonly duty: string;
  readonly orderId: string;
  readonly revision: number;
  readonly kind: OrderStatus;
  readonly msgId: string;
  readonly at: string;
}

const mostEntries = 10_000;

/** What the duties did, newest last; the oldest are forgotten. */
@Injectable()
export class Activity {
  readonly #entries = new Map<string, ActivityEntry>();

  isDone(duty: string, change: OrderChange): boolean {
    return this.#entries.has(keyOf(duty, change));
  }

  record(duty: string, change: OrderChange, msgId: string): void {
    const { orderId, revision, kind } = change;
    this.#entries.set(keyOf(duty, change), { duty, orderId, revision, kind, msgId, at: new Date().toISOString() });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= mostEntries) break;
      this.#entries.delete(oldest);
    }
  }

  list(orderId?: string): ActivityEntry[] {
    const entries = [...this.#entries.values()];
    return orderId === undefined ? entries : entries.filter((entry) => entry.orderId === orderId);
  }
}

function keyOf(duty: string, { orderId, revision }: OrderChange): string {
  return `${duty}/${orderId}/${revision}`;
}
