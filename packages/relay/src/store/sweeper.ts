import type { DeviceId } from '@palmkey/envelope';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { limits } from '../limits.ts';
import type { Member } from '../socket/order-ports.ts';
import type { AccountStore } from './account-store.ts';
import type { ChainGrantStore } from './chain-grant-store.ts';
import { dayOf, type DeviceStore } from './device-store.ts';
import type { InvitationStore } from './invitation-store.ts';
import type { RendezvousStore } from './rendezvous-store.ts';
import type { SignInStore } from './sign-in-store.ts';

interface SweeperPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly devices: DeviceStore;
  readonly accounts: AccountStore;
  readonly rendezvous: RendezvousStore;
  readonly invitations: InvitationStore;
  readonly chainGrants: ChainGrantStore;
  readonly signIns: SignInStore;
  /** After how many days a device that was not connected is forgotten. */
  readonly retentionDays: number;
  /** The devices that are connected here. */
  readonly connected: () => Iterable<DeviceId>;
  /** The store has forgotten these devices: their connections end, and what else is kept of them goes. */
  readonly onForgotten: (members: readonly Member[]) => Promise<void>;
}

/** Rids the store of what is over, now and then. Every node does: each finds what the others have left. */
export class Sweeper implements AsyncDisposable {
  readonly #ports: SweeperPorts;
  #cancel: () => void = () => undefined;
  #underWay: Promise<void> = Promise.resolve();
  #waiting = false;
  #ended = false;
  #seenOn = 0;

  /** Sweeps at once, and from then on every half minute. */
  constructor(ports: SweeperPorts) {
    this.#ports = ports;
    this.#next(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    this.#cancel();
    await this.#underWay;
  }

  #next(delayMs: number): void {
    if (this.#ended) return;
    const { clock, logger } = this.#ports;
    this.#cancel = clock.after(delayMs, () => {
      this.#next(limits.sweepEveryMs);
      // One at a time, and one that waits: a store that is slow is not asked for more and more.
      if (this.#waiting) return;
      this.#waiting = true;
      this.#underWay = this.#underWay
        .then(() => this.#sweep())
        .catch((error: unknown) => {
          logger.error({ err: error }, 'the store was not swept');
        });
    });
  }

  async #sweep(): Promise<void> {
    const { clock, devices, rendezvous, invitations, chainGrants, signIns, accounts } = this.#ports;
    const { retentionDays, onForgotten } = this.#ports;
    this.#waiting = false;
    const now = clock.now();
    const withdrawn = await rendezvous.sweep(now);
    await onForgotten(withdrawn);
    await invitations.sweep(now);
    await chainGrants.sweep(now);
    await signIns.sweep(now);
    const today = dayOf(now);
    if (this.#seenOn === today) return;
    // Who stays connected over midnight was seen on the new day too.
    for (const device of this.#ports.connected()) await devices.see(device, today);
    const unseen = await accounts.sweep(now, retentionDays);
    await onForgotten(unseen);
    this.#seenOn = today;
  }
}
