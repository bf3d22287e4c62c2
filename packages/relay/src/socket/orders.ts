import {
  encodeFrame,
  encodeNameplate,
  encodePushed,
  FrameError,
  FrameType,
  parseForgetDevice,
  parseInvite,
  parsePushRegister,
  parseRendezvousClose,
  parseRendezvousOpen,
  RelayError,
  type Frame,
} from '@palmkey/envelope';
import { obeyChainOrder } from './chain-orders.ts';
import type { Member } from './order-ports.ts';
import { doneFrame } from './relay-frames.ts';
import type { Seat } from './seat.ts';
import type { Switchboard } from './switchboard.ts';

/**
 * Does what a device orders by a control frame (spec/relay.md, "Orders of a device"); the answer to it. Throws
 * `RelayError` where the order cannot be followed and `FrameError` where it is none.
 */
export async function obey(board: Switchboard, { device, household }: Seat, frame: Frame): Promise<Uint8Array> {
  const { hall, accountOrders, pushOrders } = board.ports;
  const by: Member = { device, account: household.account };
  switch (frame.type) {
    case FrameType.rendezvousOpen:
      await hall.open(parseRendezvousOpen(frame.body), device);
      break;
    case FrameType.rendezvousClose: {
      const order = parseRendezvousClose(frame.body);
      const closed = await hall.close(order.id, device, order.keep);
      // Whoever saw the link can use its grant: only the device that its opener has met stays.
      if (closed && !closed.kept) await board.forgotten([closed]);
      break;
    }
    case FrameType.forgetDevice: {
      const forgotten = parseForgetDevice(frame.body);
      const outcome = await accountOrders.forget(by, forgotten);
      // A device that is unknown already is as forgotten as it was asked to be.
      if (outcome.is === 'not-yours') throw new RelayError('conflict');
      if (outcome.is === 'forgotten') await board.forgotten([outcome]);
      break;
    }
    case FrameType.pushRegister:
      await pushOrders.register(by, parsePushRegister(frame.body));
      break;
    case FrameType.push: {
      const outcome = await pushOrders.push(by, frame.peer, frame.body, frame.lifetimeS);
      const { number, peer } = frame;
      const body = encodePushed(outcome);
      return encodeFrame({ type: FrameType.pushed, lifetimeS: 0, number, peer, coalescingKey: 0, body });
    }
    case FrameType.invite:
      await accountOrders.invite(by, parseInvite(frame.body));
      break;
    case FrameType.deleteAccount: {
      if (frame.body.length > 0) throw new FrameError('bad-frame', 'an order that takes no body');
      await board.forgotten(await accountOrders.deleteAccount(by));
      break;
    }
    case FrameType.nameplateAllocate: {
      const nameplate = await accountOrders.allocateNameplate(by, parseRendezvousOpen(frame.body));
      return doneFrame(frame.number, encodeNameplate(nameplate));
    }
    default: {
      const answer = await obeyChainOrder(board, { ...by, joins: null }, frame);
      if (answer === null) throw new FrameError('bad-frame', 'a frame that only a relay sends');
      return answer.frame;
    }
  }
  return doneFrame(frame.number);
}
