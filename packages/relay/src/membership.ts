import type { AccountId, DeviceId, RendezvousId } from '@palmkey/envelope';
import { AccountDesk } from './account-desk.ts';
import { Admission } from './admission.ts';
import { ChainDesk } from './chain/chain-desk.ts';
import type { Clock } from './clock.ts';
import { GuestList } from './github/guest-list.ts';
import { GithubSignIn } from './github/sign-in.ts';
import { limits } from './limits.ts';
import { NewcomerLimit } from './newcomer-limit.ts';
import type { RelayOptions } from './options.ts';
import { RendezvousHall } from './rendezvous.ts';
import type { Member } from './socket/order-ports.ts';
import { AccountStore } from './store/account-store.ts';
import { ChainDataStore } from './store/chain-data-store.ts';
import { ChainGrantStore } from './store/chain-grant-store.ts';
import { ChainStore } from './store/chain-store.ts';
import type { Database } from './store/database.ts';
import { DeviceStore } from './store/device-store.ts';
import { GithubNameStore } from './store/github-name-store.ts';
import { InvitationStore } from './store/invitation-store.ts';
import { Registry } from './store/registry.ts';
import { RendezvousStore } from './store/rendezvous-store.ts';
import { SignInStore } from './store/sign-in-store.ts';
import { Sweeper } from './store/sweeper.ts';

interface MembershipPorts {
  readonly options: RelayOptions;
  readonly database: Database;
  readonly clock: Clock;
  /** The relay's own origins; asked each time. */
  readonly origins: () => readonly string[];
  /** Tells the other nodes that something has changed at a rendezvous. */
  readonly announce: (id: RendezvousId) => void;
  /** An account has other devices than it had. */
  readonly onAccountChanged: (account: AccountId) => void;
}

/** What a {@link Sweeper} has to know of the connections. */
interface Connections {
  readonly connected: () => Iterable<DeviceId>;
  readonly onForgotten: (members: readonly Member[]) => Promise<void>;
}

/** All that rests on the store of who belongs to this relay, put together. */
export class Membership {
  readonly devices: DeviceStore;
  readonly accounts: AccountStore;
  readonly registry: Registry;
  readonly signIns: SignInStore;
  readonly newcomers: NewcomerLimit;
  readonly admission: Admission;
  readonly hall: RendezvousHall;
  /** What devices order about their accounts. */
  readonly desk: AccountDesk;
  /** What they order about chains. */
  readonly chains: ChainDesk;
  /** Null where nobody signs in with GitHub. */
  readonly github: GithubSignIn | null;
  readonly #ports: MembershipPorts;
  readonly #guests: GuestList | null;
  readonly #rendezvous: RendezvousStore;
  readonly #invitations: InvitationStore;
  readonly #chainGrants: ChainGrantStore;

  constructor(ports: MembershipPorts) {
    this.#ports = ports;
    const { options, database, clock, origins, announce, onAccountChanged } = ports;
    this.devices = new DeviceStore(database, { open: options.admission === 'open' });
    this.accounts = new AccountStore(database);
    const maxDevices = options.maxDevices ?? limits.maxDevices;
    this.registry = new Registry(database, { maxDevices, onAccountChanged });
    this.signIns = new SignInStore(database);
    this.newcomers = new NewcomerLimit(clock, options.strangersPerHour ?? limits.strangersPerHour);
    this.#rendezvous = new RendezvousStore(database);
    this.#invitations = new InvitationStore(database);
    this.#chainGrants = new ChainGrantStore(database);
    const { devices, registry, newcomers, accounts } = this;
    const [chains, chainGrants] = [new ChainStore(database, { maxDevices }), this.#chainGrants];
    const { admission: mode } = options;
    this.admission = new Admission({ mode, origins, devices, registry, chains, chainGrants, newcomers, clock });
    this.chains = new ChainDesk({ clock, chains, grants: chainGrants, data: new ChainDataStore(database) });
    const { github, logger } = options;
    const { signIns } = this;
    const names = new GithubNameStore(database);
    this.#guests = github ? new GuestList({ options: github, names, clock, logger }) : null;
    const guests = this.#guests;
    this.github =
      github && guests ? new GithubSignIn({ options: github, clock, logger, signIns, guests, registry }) : null;
    this.hall = new RendezvousHall({ clock, store: this.#rendezvous, announce });
    this.desk = new AccountDesk({ clock, accounts, invitations: this.#invitations, rendezvous: this.#rendezvous });
  }

  /** Has the store hold of the operator's lists what they say now. Rejects as the store does. */
  async tidy(): Promise<void> {
    await this.#guests?.tidy();
  }

  /** Begins to rid the store of what is over, until what is returned is disposed of. */
  sweep({ connected, onForgotten }: Connections): Sweeper {
    const { options, clock } = this.#ports;
    const { devices, accounts, signIns } = this;
    return new Sweeper({
      clock,
      logger: options.logger,
      devices,
      accounts,
      signIns,
      rendezvous: this.#rendezvous,
      invitations: this.#invitations,
      chainGrants: this.#chainGrants,
      retentionDays: options.retentionDays ?? limits.retentionDays,
      connected,
      onForgotten,
    });
  }
}
