import type { PushOrders } from '../socket/order-ports.ts';
import type { Meter } from './meter.ts';
/** Orders about push, whose outcomes are counted. */
export declare function meteredPush(orders: PushOrders, meter: Meter): PushOrders;
