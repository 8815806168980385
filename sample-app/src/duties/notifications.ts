import { Injectable, Logger } from '@nestjs/common';
import type { OrderChange } from '../orders/order-change.js';
import type { Duty } from '../sync/duty.js';

/** Tells the customer. */
@Injectable()
export class Notifications implements Duty {
  readonly name = 'notification';
  readonly #log = new Logger(Notifications.name);

  handle({ orderId, kind, items }: OrderChange): void {
    this.#log.debug(`Order ${orderId} is ${kind}: ${items.length} articles`);
  }
}
