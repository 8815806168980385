import { Controller, Get, Query } from '@nestjs/common';
import { Activity, type ActivityEntry } from './activity.js';

@Controller('activity')
export class ActivityController {
  constructor(private readonly activity: Activity) {}

  /** All of it, or that of one order: GET /activity?order=<id> */
  @Get()
  list(@Query('order') orderId?: string): ActivityEntry[] {
    return this.activity.list(orderId);
  }
}
