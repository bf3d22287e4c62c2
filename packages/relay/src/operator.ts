import {
  INVITATION_RANDOM_BYTES,
  invitationCodeOf,
  invitationGrantPreimage,
  parseAccountId,
  parseDeviceId,
  parseInvitationCode,
  type AccountId,
  type DeviceId,
} from '@palmkey/envelope';
import { createHash, randomBytes } from 'node:crypto';
import type { ExpelCode } from './bus/bus.ts';
import type { Clock } from './clock.ts';
import type { Member } from './socket/order-ports.ts';
import { AccountStore, type Subject } from './store/account-store.ts';
import type { Database } from './store/database.ts';
import { InvitationStore } from './store/invitation-store.ts';
import type { AdmittedVia } from './store/schema.ts';

/** What an operator's order means to a relay that runs; an {@link Operator} on the store alone has none. */
export interface RunningRelay {
  isConnected(device: DeviceId): boolean;
  /** Ends the connections of a device on every node; `removed`: what is kept of it elsewhere goes too. */
  expel(device: DeviceId, code: ExpelCode): Promise<void>;
  /** What any node remembers of the account's devices is not true any more. */
  accountChanged(account: AccountId): void;
}

/** A device, as the operator sees it. */
export interface DeviceFact {
  readonly id: DeviceId;
  readonly account: AccountId;
  readonly via: AdmittedVia;
  readonly admittedBy: DeviceId | null;
  /** Ms since 1970 UTC. */
  readonly createdAt: number;
  /** The day on which it was last connected, ms since 1970 UTC of its beginning; null for never. */
  readonly seenOn: number | null;
  /** Null where no relay runs that could know. */
  readonly connected: boolean | null;
  readonly hasPush: boolean;
  /** Since when, ms since 1970 UTC; null if it is not. Its account may be. */
  readonly blockedAt: number | null;
}

/** An account, as the operator sees it. */
export interface AccountFact {
  readonly id: AccountId;
  readonly createdAt: number;
  /** GitHub's number of the person who signed in. */
  readonly githubUser: number | null;
  readonly devices: number;
  /** Its chain: the id, and how many links it has; null where it has none. */
  readonly chain: { readonly id: AccountId; readonly links: number } | null;
  readonly blockedAt: number | null;
}

/** An invitation, as the operator sees it. */
export interface InvitationFact {
  /** By which it is revoked, 32 bytes. Nobody is let in by it: it is a hash of the grant. */
  readonly id: Uint8Array;
  /** The account that its device will join; null: one of its own. */
  readonly joins: AccountId | null;
  readonly usesLeft: number;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** How many rows a list has where it is not told otherwise. */
const LISTED = 1_000;

/**
 * What whoever runs a relay may order, on its store. Where the relay runs in this process it is told, and every order
 * takes effect at once. Every method rejects as the store does.
 */
export class Operator {
  readonly #accounts: AccountStore;
  readonly #invitations: InvitationStore;
  readonly #clock: Clock;
  readonly #relay: RunningRelay | null;

  constructor(database: Database, clock: Clock, relay: RunningRelay | null) {
    this.#accounts = new AccountStore(database);
    this.#invitations = new InvitationStore(database);
    this.#clock = clock;
    this.#relay = relay;
  }

  /** The accounts by age, at most `limit`. */
  async accounts(limit = LISTED): Promise<readonly AccountFact[]> {
    const rows = await this.#accounts.listAccounts(limit);
    return rows.map((row) => ({
      id: parseAccountId(new Uint8Array(row.id)),
      createdAt: row.created_at,
      githubUser: row.github_user,
      devices: row.devices,
      chain: row.chain && { id: parseAccountId(new Uint8Array(row.chain)), links: row.links ?? 0 },
      blockedAt: row.blocked_at,
    }));
  }

  /** The devices by age, at most `limit`, all or those of one account. */
  async devices({ account, limit = LISTED }: { account?: AccountId; limit?: number } = {}): Promise<
    readonly DeviceFact[]
  > {
    const rows = await this.#accounts.listDevices(limit, account);
    return rows.map((row) => {
      const id = parseDeviceId(new Uint8Array(row.id));
      return {
        id,
        account: parseAccountId(new Uint8Array(row.account)),
        via: row.admitted_via,
        admittedBy: row.admitted_by && parseDeviceId(new Uint8Array(row.admitted_by)),
        createdAt: row.created_at,
        seenOn: row.seen_on === 0 ? null : row.seen_on * 86_400_000,
        connected: this.#relay?.isConnected(id) ?? null,
        hasPush: row.push !== null,
        blockedAt: row.blocked_at,
      };
    });
  }

  /** Disconnects a device or the devices of an account, and lets them in no more. False where it is not known. */
  async block(subject: Subject): Promise<boolean> {
    return this.#tell(subject, 'blocked', (whom) => this.#accounts.block(whom, this.#clock.now()));
  }

  /** Takes a block back. A device stays out for as long as its account is blocked. False where it is not known. */
  async unblock(subject: Subject): Promise<boolean> {
    return this.#tell(subject, null, (whom) => this.#accounts.block(whom, null));
  }

  /** Forgets a device, or an account with its devices; they may come again as strangers. False where it is not known. */
  async remove(subject: Subject): Promise<boolean> {
    return this.#tell(subject, 'removed', (whom) => this.#accounts.remove(whom));
  }

  /** Makes an invitation; its code is shown once and known to nobody else. `uses` at least 1. */
  async invite({ uses, lifetimeMs }: { uses: number; lifetimeMs: number }): Promise<NewInvitation> {
    const code = invitationCodeOf(new Uint8Array(randomBytes(INVITATION_RANDOM_BYTES)));
    const createdAt = this.#clock.now();
    const expiresAt = createdAt + lifetimeMs;
    const id = invitationIdOf(code);
    await this.#invitations.add({ grantHash: id, createdBy: null, uses, createdAt, expiresAt });
    return { code, id, expiresAt };
  }

  /** The invitations that are good, the oldest first. */
  async invitations(): Promise<readonly InvitationFact[]> {
    const found = await this.#invitations.list(this.#clock.now());
    return found.map(({ grantHash, joins, usesLeft, createdAt, expiresAt }) => ({
      id: grantHash,
      joins: joins && parseAccountId(new Uint8Array(joins)),
      usesLeft,
      createdAt,
      expiresAt,
    }));
  }

  /** Whether there was one to revoke. */
  async revoke(id: Uint8Array): Promise<boolean> {
    return this.#invitations.revoke(id);
  }

  async #tell(
    subject: Subject,
    code: ExpelCode | null,
    order: (subject: Subject) => Promise<readonly Member[] | null>,
  ): Promise<boolean> {
    const concerned = await order(subject);
    if (concerned === null) return false;
    for (const { device, account } of concerned) {
      this.#relay?.accountChanged(account);
      if (code !== null) await this.#relay?.expel(device, code);
    }
    return true;
  }
}

/** An invitation that was made. */
export interface NewInvitation {
  /** For the person who is invited: `XXXXX-XXXXX-XXXXX-XXXXX`. */
  readonly code: string;
  readonly id: Uint8Array;
  readonly expiresAt: number;
}

/** By which the store knows a code of an invitation again: SHA-256 of its grant, which is SHA-256 itself. */
function invitationIdOf(shown: string): Uint8Array {
  const code = parseInvitationCode(shown);
  if (code === null) throw new RangeError('no code of an invitation');
  const grant = createHash('sha256').update(invitationGrantPreimage(code)).digest();
  return new Uint8Array(createHash('sha256').update(grant).digest());
}
