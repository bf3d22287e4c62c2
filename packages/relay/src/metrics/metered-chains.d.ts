import type { ChainOrders } from '../socket/order-ports.ts';
import type { Meter } from './meter.ts';
/** Orders about chains, of which the outcomes of posts are counted. */
export declare function meteredChains(orders: ChainOrders, meter: Meter): ChainOrders;
