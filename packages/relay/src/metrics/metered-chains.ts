import { RelayError } from '@palmkey/envelope';
import type { ChainOrders } from '../socket/order-ports.ts';
import type { ChainPostOutcome, Meter } from './meter.ts';

/** Orders about chains, of which the outcomes of posts are counted. */
export function meteredChains(orders: ChainOrders, meter: Meter): ChainOrders {
  return {
    post: async (by, post) => {
      try {
        const change = await orders.post(by, post);
        meter.chainPosts[change === null ? 'repeated' : 'posted']++;
        return change;
      } catch (error) {
        meter.chainPosts[outcomeOf(error)]++;
        throw error;
      }
    },
    part: (by, part) => orders.part(by, part),
    grant: (by, grantHash) => orders.grant(by, grantHash),
    ask: (by) => orders.ask(by),
    boxes: (by, generation) => orders.boxes(by, generation),
    read: (by, after) => orders.read(by, after),
    write: (by, record) => orders.write(by, record),
  };
}

function outcomeOf(error: unknown): ChainPostOutcome {
  if (!(error instanceof RelayError)) return 'failed';
  switch (error.code) {
    case 'conflict':
    case 'bad-chain':
    case 'no-chain':
    case 'quota':
    case 'rate-limited':
      return error.code;
    default:
      return 'failed';
  }
}
