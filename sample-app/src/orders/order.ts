import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';

export type OrderStatus = 'placed' | 'changed' | 'cancelled';

export class OrderItem {
  @IsString() @Length(1, 32) article!: string;
  @IsInt() @Min(1) @Max(1000) quantity!: number;
}

/** Body of POST /orders. */
export class NewOrder {
  @IsString() @Length(1, 64) customer!: string;

  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(50)
  @ValidateNested({ each: true })
  @Type(() => OrderItem)
  items!: OrderItem[];
}

/** Body of PATCH /orders/:id. */
export class OrderPatch {
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(50)
  @ValidateNested({ each: true })
  @Type(() => OrderItem)
  items?: OrderItem[];

  @IsOptional() @IsIn(['cancelled']) status?: 'cancelled';
}

export interface Order {
  readonly id: string;
  readonly customer: string;
  readonly items: readonly OrderItem[];
  readonly status: OrderStatus;
  /** Counts the changes of this order, from 1. */
  readonly revision: number;
}
