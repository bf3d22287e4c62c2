import {
  encodeInvite,
  encodePushRegister,
  encodeRendezvousClose,
  FrameType,
  parseNameplate,
  parsePushed,
  type DeviceId,
  type Frame,
  type Invite,
  type PushOutcome,
  type PushRegistration,
  type RendezvousId,
  type SealedBody,
} from '@palmkey/envelope';
import { ChainClient } from './chain-client.ts';

/**
 * What a device can order its relay to do (spec/relay.md, "Orders of a device"). All reject with `RelayError` where the
 * relay says no, and with `RelayClientError` `not-connected`, `no-answer` or `closed`; each names what is its own.
 */
export abstract class RelayOrders {
  /** Orders about the chain that this device is on, or joins. */
  readonly chain = new ChainClient((type, body) => this.order(type, body));

  /** Opens a rendezvous. Rejects with `RelayError` (`conflict`, `rendezvous-full`) or {@link RelayClientError}. */
  async openRendezvous(id: RendezvousId): Promise<void> {
    await this.order(FrameType.rendezvousOpen, id);
  }

  /** Closes a rendezvous; the device that it let in is forgotten unless it is `keep`. Rejects with `no-rendezvous`. */
  async closeRendezvous(id: RendezvousId, keep: DeviceId | null): Promise<void> {
    await this.order(FrameType.rendezvousClose, encodeRendezvousClose(id, keep));
  }

  /** Has the relay forget a device that this device let in, or this device itself. Rejects with `conflict` for others. */
  async forgetDevice(id: DeviceId): Promise<void> {
    await this.order(FrameType.forgetDevice, id);
  }

  /** A short number for a rendezvous that this device has open, unique while it is. Rejects with `no-rendezvous`. */
  async allocateNameplate(id: RendezvousId): Promise<number> {
    return parseNameplate((await this.order(FrameType.nameplateAllocate, id)).body);
  }

  /** Has this device reached by Web Push while it is away; null ends that. Rejects with `push-refused`. */
  async pushRegister(registration: PushRegistration | null): Promise<void> {
    await this.order(FrameType.pushRegister, encodePushRegister(registration));
  }

  /**
   * Wakes a device by Web Push with a sealed preview of at most `MAX_PUSH_BYTES`, kept by the push service for `lifetimeMs`;
   * what became of it.
   */
  async push(to: DeviceId, preview: SealedBody, lifetimeMs: number): Promise<PushOutcome> {
    const lifetimeS = Math.ceil(lifetimeMs / 1000);
    return parsePushed((await this.order(FrameType.push, preview, to, lifetimeS)).body);
  }

  /** Lets one device into this device's account. Rejects with `quota`. */
  async invite(invite: Invite): Promise<void> {
    await this.order(FrameType.invite, encodeInvite(invite));
  }

  /** Forgets the account that this device began, with all its devices; the relay then refuses this one as `removed`. */
  async deleteAccount(): Promise<void> {
    await this.order(FrameType.deleteAccount, new Uint8Array(0));
  }

  /** Sends an order and resolves with the frame that answers it. */
  protected abstract order(type: FrameType, body: Uint8Array, peer?: DeviceId, lifetimeS?: number): Promise<Frame>;
}
