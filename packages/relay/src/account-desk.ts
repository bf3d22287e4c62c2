import type { DeviceId, Invite, RendezvousId } from '@palmkey/envelope';
import type { Clock } from './clock.ts';
import type { AccountOrders, Forgotten, Member } from './socket/order-ports.ts';
import type { AccountStore } from './store/account-store.ts';
import type { InvitationStore } from './store/invitation-store.ts';
import type { RendezvousStore } from './store/rendezvous-store.ts';

interface AccountDeskPorts {
  readonly clock: Clock;
  readonly accounts: AccountStore;
  readonly invitations: InvitationStore;
  readonly rendezvous: RendezvousStore;
}

/** Follows what devices order about their accounts, in the store. */
export class AccountDesk implements AccountOrders {
  readonly #ports: AccountDeskPorts;

  constructor(ports: AccountDeskPorts) {
    this.#ports = ports;
  }

  async invite(by: Member, { grantHash, lifetimeS }: Invite): Promise<void> {
    const createdAt = this.#ports.clock.now();
    const expiresAt = createdAt + lifetimeS * 1_000;
    await this.#ports.invitations.add({ grantHash, createdBy: by, uses: 1, createdAt, expiresAt });
  }

  async forget(by: Member, device: DeviceId): Promise<Forgotten> {
    return this.#ports.accounts.forget(device, by.device);
  }

  async deleteAccount(by: Member): Promise<readonly Member[]> {
    return this.#ports.accounts.deleteOwn(by.account, by.device);
  }

  async allocateNameplate(by: Member, rendezvous: RendezvousId): Promise<number> {
    return this.#ports.rendezvous.allocateNameplate(rendezvous, by.device, this.#ports.clock.now());
  }
}
