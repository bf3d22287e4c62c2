import {
  FrameError,
  FrameType,
  parseForgetDevice,
  parseRendezvousClose,
  parseRendezvousOpen,
  RelayError,
  type DeviceId,
  type Frame,
} from '@palmkey/envelope';
import type { Switchboard } from './switchboard.ts';

/**
 * Does what a device orders by a control frame (spec/relay.md, "Rendezvous"). Throws `RelayError` where the order
 * cannot be followed and `FrameError` where it is none.
 */
export async function obey(switchboard: Switchboard, id: DeviceId, frame: Frame): Promise<void> {
  switch (frame.type) {
    case FrameType.rendezvousOpen: {
      switchboard.hall.open(parseRendezvousOpen(frame.body), id);
      return;
    }
    case FrameType.rendezvousClose: {
      const order = parseRendezvousClose(frame.body);
      const closed = switchboard.hall.close(order.id, id, order.keep);
      if (!closed) return;
      // Whoever saw the link can use its grant: only the device that its opener has met stays.
      if (closed.kept) await switchboard.devices.keep(closed.device);
      else await switchboard.withdraw(closed.device);
      return;
    }
    case FrameType.forgetDevice: {
      const device = parseForgetDevice(frame.body);
      const forgotten = await switchboard.devices.forget(device, id);
      // A device that is unknown already is as forgotten as it was asked to be.
      if (forgotten === 'not-yours') throw new RelayError('conflict');
      if (forgotten === 'forgotten') switchboard.expel(device);
      return;
    }
    default:
      throw new FrameError('bad-frame', 'a frame that only a relay sends');
  }
}
