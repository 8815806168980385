import { Body, Controller, Get, Param, Patch, Post } from '@nestjs/common';
import { NewOrder, type Order, OrderPatch } from './order.js';
import { Orders } from './orders.js';

@Controller('orders')
export class OrdersController {
  constructor(private readonly orders: Orders) {}

  @Post()
  place(@Body() order: NewOrder): Promise<Order> {
    return this.orders.place(order);
  }

  @Patch(':id')
  change(@Param('id') id: string, @Body() patch: OrderPatch): Promise<Order> {
    return this.orders.change(id, patch);
  }

  @Get()
  list(): Order[] {
    return this.orders.list();
  }
}
