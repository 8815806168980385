import { Type } from 'class-transformer';
import { IsArray, IsIn, IsInt, IsString, Min, ValidateNested } from 'class-validator';
import { OrderItem, type Order, type OrderStatus } from './order.js';

/** Name of the application event, and name of the topic it becomes. */
export const orderChanged = 'order.changed';
export const orderTopic = 'shop-orders';

/** A change of an order: the application event, and the payload of the message made from it. */
export class OrderChange {
  @IsString() orderId!: string;
  @IsInt() @Min(1) revision!: number;
  @IsIn(['placed', 'changed', 'cancelled']) kind!: OrderStatus;
  @IsString() customer!: string;
  @IsArray() @ValidateNested({ each: true }) @Type(() => OrderItem) items!: OrderItem[];

  static of({ id, revision, status, customer, items }: Order): OrderChange {
    return Object.assign(new OrderChange(), { orderId: id, revision, kind: status, customer, items });
  }
}
