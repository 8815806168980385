import { Injectable } from '@nestjs/common';
import type { OrderChange } from '../orders/order-change.js';
import type { Duty } from '../sync/duty.js';

export interface Invoice {
  readonly number: string;
  readonly customer: string;
  readonly kind: 'invoice' | 'correction' | 'credit note';
}

const kinds = { placed: 'invoice', changed: 'correction', cancelled: 'credit note' } as const;

/** Writes an invoice for every revision of an order; the number follows from the revision, so a repeat changes nothing. */
@Injectable()
export class Invoices implements Duty {
  readonly name = 'invoice';
  readonly #invoices = new Map<string, Invoice>();

  handle({ orderId, revision, kind, customer }: OrderChange): void {
    const number = `${orderId}-${revision}`;
    this.#invoices.set(number, { number, customer, kind: kinds[kind] });
  }

  get count(): number {
    return this.#invoices.size;
  }
}
