import type { PushOrders } from '../socket/order-ports.ts';
import type { Meter } from './meter.ts';

/** Orders about push, whose outcomes are counted. */
export function meteredPush(orders: PushOrders, meter: Meter): PushOrders {
  return {
    register: (by, registration) => orders.register(by, registration),
    push: async (by, to, preview, lifetimeS) => {
      try {
        const outcome = await orders.push(by, to, preview, lifetimeS);
        meter.pushes[outcome]++;
        return outcome;
      } catch (error) {
        meter.pushes.failed++;
        throw error;
      }
    },
  };
}
