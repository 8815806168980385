import { Injectable } from '@nestjs/common';
import type { OrderChange } from '../orders/order-change.js';
import type { Duty } from '../sync/duty.js';

/** Keeps what each order holds back from the shelves. */
@Injectable()
export class Stock implements Duty {
  readonly name = 'stock';
  readonly #reserved = new Map<string, OrderChange>();

  handle(change: OrderChange): void {
    const known = this.#reserved.get(change.orderId);
    if (known && known.revision >= change.revision) return;
    this.#reserved.set(change.orderId, change);
  }

  /** Pieces of an article that orders hold back. */
  reserved(article: string): number {
    const open = [...this.#reserved.values()].filter(({ kind }) => kind !== 'cancelled');
    const items = open.flatMap(({ items }) => items).filter((item) => item.article === article);
    return items.reduce((sum, { quantity }) => sum + quantity, 0);
  }
}
