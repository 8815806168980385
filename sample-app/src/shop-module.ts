import { type DynamicModule, Module, ValidationPipe } from '@nestjs/common';
import { APP_PIPE } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { RocketMQModule } from 'nestjs-rocketmq';
import { ActivityController } from './activity/activity-controller.js';
import { Activity } from './activity/activity.js';
import { Invoices } from './duties/invoices.js';
import { Notifications } from './duties/notifications.js';
import { Stock } from './duties/stock.js';
import { OrdersController } from './orders/orders-controller.js';
import { Orders } from './orders/orders.js';
import { type Duty, DUTIES } from './sync/duty.js';
import { OrderDispatcher } from './sync/order-dispatcher.js';
import { OrderPublisher } from './sync/order-publisher.js';

export interface ShopOptions {
  /** Where the embedded broker keeps its store; not used when NAMESRV_ADDR names a cluster. */
  readonly storePathRootDir: string;
}

/**
 * A shop whose parts follow changes of orders: Orders raises an application event, OrderPublisher makes a message of it,
 * OrderDispatcher hands the message to every duty.
 */
@Module({})
export class ShopModule {
  static forRoot({ storePathRootDir }: ShopOptions): DynamicModule {
    return {
      module: ShopModule,
      imports: [EventEmitterModule.forRoot(), RocketMQModule.forRoot({ embedded: { port: 0, storePathRootDir } })],
      controllers: [OrdersController, ActivityController],
      providers: [
        Orders,
        OrderPublisher,
        OrderDispatcher,
        Activity,
        Stock,
        Invoices,
        Notifications,
        {
          provide: DUTIES,
          inject: [Stock, Invoices, Notifications],
          useFactory: (...duties: Duty[]): Duty[] => duties,
        },
        { provide: APP_PIPE, useFactory: () => new ValidationPipe({ transform: true, whitelist: true }) },
      ],
    };
  }
}
