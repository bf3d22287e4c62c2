import type { AccountId, DeviceId } from '@palmkey/envelope';
import { toHex } from '@palmkey/envelope';
import type { GrowingMap } from './growing-map.ts';
import type { LinkDevice, LinkHash, PerUserKey } from './link.ts';

/** What a device is in its account: a member decides, a host asks, and the paper key is a member kept as words. */
export type DeviceKind = 'member' | 'paper' | 'host';

/** Where something stands on the chain: by whom, and when by that device's clock (ms; for people). */
export interface ChainMark {
  readonly by: DeviceId;
  readonly ctime: number;
  readonly seqno: number;
}

/** A device that is, or was, on the chain. The eldest is added by itself. */
export interface ChainDevice extends LinkDevice {
  readonly kind: DeviceKind;
  readonly added: ChainMark;
}

/** A device that was ended. */
export interface RevokedDevice extends ChainDevice {
  readonly revoked: ChainMark;
}

/** One generation of the per-user key, and its link. */
export interface ChainPerUserKey extends PerUserKey {
  readonly added: ChainMark;
}

/** The last link of a chain: its seqno and its hash (32). */
export interface Head {
  readonly hash: LinkHash;
  readonly seqno: number;
}

/** Whether a device may speak for the account; `unknown` was never on the chain. */
export type Standing = 'active' | 'revoked' | 'unknown';

/** What a {@link ChainState} is made of; keys of the maps are ids in hexadecimal, seqnos and generations in decimal. */
export interface ChainParts {
  readonly account: AccountId;
  readonly head: Head;
  /** The last link's ctime, ms. */
  readonly headTime: number;
  readonly active: ReadonlyMap<string, ChainDevice>;
  readonly revoked: GrowingMap<RevokedDevice>;
  readonly perUserKeys: GrowingMap<ChainPerUserKey>;
  /** Every id and every key that was ever there, in hexadecimal. */
  readonly used: GrowingMap<true>;
  /** By seqno. */
  readonly hashes: GrowingMap<LinkHash>;
}

/** What a chain says after its last link. Immutable; made by replay alone. */
export class ChainState {
  readonly account: AccountId;
  readonly head: Head;
  /** The last link's ctime, ms: of the signer's clock, for people. */
  readonly headTime: number;
  /** For replay, which goes on from them. */
  readonly parts: ChainParts;

  constructor(parts: ChainParts) {
    this.account = parts.account;
    this.head = parts.head;
    this.headTime = parts.headTime;
    this.parts = parts;
  }

  /** The devices that may speak for the account, in the order in which they were added. */
  get active(): readonly ChainDevice[] {
    return [...this.parts.active.values()];
  }

  /** Those of them that decide, the paper key among them: who has the per-user key. */
  get members(): readonly ChainDevice[] {
    return this.active.filter(isMember);
  }

  /** The devices that were ended, in the order in which they were. */
  get revoked(): readonly RevokedDevice[] {
    return Array.from(this.parts.revoked.entries(), ([, device]) => device);
  }

  /** An active device; undefined for every other. */
  find(id: DeviceId): ChainDevice | undefined {
    return this.parts.active.get(toHex(id));
  }

  /** A device that is, or ever was, on the chain. */
  findEver(id: DeviceId): ChainDevice | RevokedDevice | undefined {
    return this.find(id) ?? this.parts.revoked.get(toHex(id));
  }

  standingOf(id: DeviceId): Standing {
    if (this.find(id)) return 'active';
    return this.parts.revoked.has(toHex(id)) ? 'revoked' : 'unknown';
  }

  /** The latest generation of the per-user key. */
  get perUserKey(): ChainPerUserKey {
    const latest = this.perUserKeyOf(this.parts.perUserKeys.size);
    if (latest === undefined) throw new RangeError('a chain without a per-user key');
    return latest;
  }

  /** A generation of the per-user key; undefined where there is none. */
  perUserKeyOf(generation: number): ChainPerUserKey | undefined {
    return this.parts.perUserKeys.get(String(generation));
  }

  /** The hash of the link with this seqno; undefined where there is none. */
  hashAt(seqno: number): LinkHash | undefined {
    return this.parts.hashes.get(String(seqno));
  }
}

/** Whether a device decides: everything but a host. */
export function isMember({ kind }: { readonly kind: DeviceKind }): boolean {
  return kind !== 'host';
}
