import type {
  AccountDataWord,
  AccountId,
  AccountRecord,
  AccountRecords,
  ChainBoxes,
  ChainHead,
  ChainPart,
  ChainPost,
  DeviceId,
  Invite,
  PushOutcome,
  PushRegistration,
  RendezvousId,
} from '@palmkey/envelope';

/** A device that was admitted, and the account that it belongs to. */
export interface Member {
  readonly device: DeviceId;
  readonly account: AccountId;
}

/**
 * Port: who belongs to whom, as the store has it. Asked on cold paths only; what it says is remembered until it is
 * told otherwise. Rejects where the store does not answer.
 */
export interface AccountBook {
  /** The account of a device that the relay knows and has not blocked; null for any other. */
  accountOf(device: DeviceId): Promise<AccountId | null>;
  /** The devices of an account that are known and not blocked. */
  devicesOf(account: AccountId): Promise<readonly DeviceId[]>;
}

/** What came of a wish to forget a device. */
export type Forgotten =
  | ({ readonly is: 'forgotten' } & Member)
  | { readonly is: 'unknown' }
  /** Somebody else let it in, or the operator has blocked it. */
  | { readonly is: 'not-yours' };

/**
 * Port: orders about accounts (spec/relay.md, "Orders of a device"). Every method rejects with `RelayError` where the
 * order cannot be followed.
 */
export interface AccountOrders {
  /** Keeps an invitation of one device into the account of `by`. `quota`: too many. */
  invite(by: Member, invite: Invite): Promise<void>;
  /**
   * Forgets the account of `by`, and all that is kept of its devices but their mail; returns the devices, whose
   * connections the caller ends. `conflict`: another device began it.
   */
  deleteAccount(by: Member): Promise<readonly Member[]>;
  /** Forgets a device that `by` let in, or `by` itself; its connections the caller ends. */
  forget(by: Member, device: DeviceId): Promise<Forgotten>;
  /** A short number for a rendezvous that `by` has open. `no-rendezvous` where it has not. */
  allocateNameplate(by: Member, rendezvous: RendezvousId): Promise<number>;
}

/** Port: orders about push (spec/relay.md, "Push"). Every method rejects with `RelayError` as {@link AccountOrders}. */
export interface PushOrders {
  /** Remembers how `by` is reached when it is away; null: it is not any more. `push-refused`: an unknown service. */
  register(by: Member, registration: PushRegistration | null): Promise<void>;
  /** Hands a preview (at most `MAX_PUSH_BYTES`) to the push service of a device that does not read here now. */
  push(by: Member, to: DeviceId, preview: Uint8Array, lifetimeS: number): Promise<PushOutcome>;
}

/** Who orders something about a chain. */
export interface ChainUser extends Member {
  /** The chain that it joins by a grant; null for a device of the account. */
  readonly joins: AccountId | null;
}

/** What a post to a chain has changed, of which connections have to hear. */
export interface ChainChange {
  /** The relay's account of the chain. */
  readonly account: AccountId;
  readonly head: ChainHead;
  /** The devices that are forgotten: they were revoked. */
  readonly forgotten: readonly Member[];
  /** The devices that were of another account before, and of which. */
  readonly moved: readonly Member[];
}

/** What was written of account data, of which members have to hear. */
export interface DataChange {
  /** The relay's account of the chain. */
  readonly account: AccountId;
  readonly word: AccountDataWord;
  /** All that decide on the chain. */
  readonly members: readonly DeviceId[];
}

/**
 * Port: orders about account chains (spec/account.md, "At the relay"). Every method rejects with `RelayError` as
 * {@link AccountOrders}: `no-chain` where the account has none, or the device is not on it as what the order is for.
 */
export interface ChainOrders {
  /** Adds links to a chain; null where they are on it already. `conflict`, `bad-chain`, `quota`, `rate-limited`. */
  post(by: ChainUser, post: ChainPost): Promise<ChainChange | null>;
  /**
   * Keeps the beginning of a chain for the post of this device that goes on from it; a first part takes the place of
   * what was kept. `conflict` where it goes on from another, or the account has a chain; `bad-chain`, `quota`,
   * `rate-limited`, `unavailable`: too many are kept.
   */
  part(by: ChainUser, part: ChainPart): Promise<void>;
  /** Keeps a grant, by its SHA-256, that lets one device join the chain of `by`. `conflict`, `quota`. */
  grant(by: ChainUser, grantHash: Uint8Array): Promise<void>;
  /** The head of the chain that the device is on, or joins; null where there is none. */
  ask(by: ChainUser): Promise<ChainHead | null>;
  /** The device's own box, and previous seeds from a generation downwards, 0 for the latest. */
  boxes(by: ChainUser, generation: number): Promise<ChainBoxes>;
  /** Records of account data of a later revision, by rising revision. */
  read(by: ChainUser, after: number): Promise<AccountRecords>;
  /**
   * Writes a record in the place of the revision that it names; null where it took one away. `conflict` where another
   * stands there; `quota`.
   */
  write(by: ChainUser, record: AccountRecord): Promise<DataChange | null>;
}
