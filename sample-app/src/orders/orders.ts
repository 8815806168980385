import { ConflictException, Injectable, Logger, NotFoundException, ServiceUnavailableException } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { randomUUID } from 'node:crypto';
import { OrderChange, orderChanged } from './order-change.js';
import type { NewOrder, Order, OrderPatch } from './order.js';

/**
 * The shop's data. Every change raises an application event and knows nothing of messages: who wants to hear of it
 * subscribes.
 */
@Injectable()
export class Orders {
  readonly #log = new Logger(Orders.name);
  readonly #orders = new Map<string, Order>();

  constructor(private readonly events: EventEmitter2) {}

  list(): Order[] {
    return [...this.#orders.values()];
  }

  async place({ customer, items }: NewOrder): Promise<Order> {
    return this.#save({ id: randomUUID(), customer, items, status: 'placed', revision: 1 });
  }

  async change(id: string, patch: OrderPatch): Promise<Order> {
    const order = this.#orders.get(id);
    if (!order) throw new NotFoundException(`There is no order ${id}`);
    if (order.status === 'cancelled') throw new ConflictException(`Order ${id} is cancelled`);
    return this.#save({
      ...order,
      items: patch.items ?? order.items,
      status: patch.status ?? 'changed',
      revision: order.revision + 1,
    });
  }

  /** A change that nobody could be told of is taken back: the customer is asked to try again. */
  async #save(order: Order): Promise<Order> {
    const before = this.#orders.get(order.id);
    this.#orders.set(order.id, order);
    try {
      await this.events.emitAsync(orderChanged, OrderChange.of(order));
      return order;
    } catch (cause) {
      this.#takeBack(order, before);
      this.#log.error(`Order ${order.id} is taken back: ${String(cause)}`);
      throw new ServiceUnavailableException('The order could not be taken; please try again', { cause });
    }
  }

  /** Unless a later change stands on it: that one was told of, and holds all that an order is. */
  #takeBack(order: Order, before: Order | undefined): void {
    if (this.#orders.get(order.id) !== order) return;
    if (before) this.#orders.set(order.id, before);
    else this.#orders.delete(order.id);
  }
}
