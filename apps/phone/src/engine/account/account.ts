import type { ChainState, LinkPlace, SignedLink } from '@palmkey/chain';
import {
  ChainFollower,
  FollowError,
  importPerUserKeys,
  parsePerUserBox,
  parsePreviousSeed,
  type PerUserBox,
  type PerUserKey,
  perUserKeysOnChain,
  type PreviousSeed,
} from '@palmkey/core/account';
import type { DeviceKeys } from '@palmkey/core/devices';
import { type DeviceId, toHex } from '@palmkey/envelope';
import type { HexId } from '../../model/hex-id.ts';
import type { AccountRow, FactsRow } from '../../store/schema.ts';
import { type Store, StoreError } from '../../store/store.ts';
import type { EnginePorts } from '../ports.ts';
import { TakenElsewhereError } from '../replay-store.ts';
import { ACCOUNT_TABLES, keyRow, linkRows, linksOf, noteRow, savedChain, type StoredAccount } from './account-rows.ts';
import { RelayFeed } from './relay-feed.ts';

/** What an {@link Account} is opened with. */
export interface AccountDeps {
  readonly ports: Pick<EnginePorts, 'primitives' | 'clock' | 'fetchLinks'>;
  readonly device: DeviceKeys;
  readonly store: Store;
}

/** The per-user key of all generations, the first first, with the records by which it is kept. */
export interface KeptPerUserKey {
  readonly keys: readonly PerUserKey[];
  readonly box: PerUserBox;
  readonly seeds: readonly PreviousSeed[];
}

/** What is to be written as one. */
export interface AccountChange extends Partial<
  Pick<KeptRow, 'relay' | 'pending' | 'left' | 'ending' | 'moved' | 'applied'>
> {
  readonly perUserKey?: KeptPerUserKey;
  readonly facts?: readonly FactsRow[];
}

type KeptRow = AccountRow & Pick<Required<AccountRow>, 'moved'>;

/** What this device knows of its account: in memory what the store holds, and never ahead of it. */
export class Account {
  readonly feed: RelayFeed;
  readonly #store: Store;
  readonly #follower: ChainFollower;
  readonly #facts: Map<HexId, FactsRow>;
  #row: KeptRow;
  #keys: readonly PerUserKey[];
  /** Written with the next links. */
  #along: AccountChange = {};
  /** One write after the other. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    deps: AccountDeps,
    { account, facts }: StoredAccount,
    opened: { readonly feed: RelayFeed; readonly follower: ChainFollower; readonly keys: readonly PerUserKey[] },
  ) {
    this.#store = deps.store;
    this.#row = { moved: null, ...account };
    this.#facts = new Map(facts.map((each) => [each.id, each]));
    this.feed = opened.feed;
    this.#follower = opened.follower;
    this.#keys = opened.keys;
  }

  /**
   * Takes up what the store holds: replays it, and opens the per-user key with this device's agreement key. Throws
   * `ChainError` where the links do not reach the pin, and `PerUserKeyError`.
   */
  static async open(deps: AccountDeps, stored: StoredAccount): Promise<Account> {
    const { primitives, clock } = deps.ports;
    const feed = new RelayFeed(deps.ports);
    let write: (links: readonly SignedLink[], note: Pick<AccountRow, 'pin' | 'signed'>) => Promise<void> = () =>
      Promise.reject(new FollowError('not-kept'));
    const follower = await ChainFollower.open(
      {
        primitives,
        feed,
        shelf: { save: (added, note) => write(added, noteRow(note)) },
        now: () => clock.now(),
        account: null,
      },
      savedChain(stored),
    );
    if (follower.state === null) throw new RangeError('an account of no links');
    const box = parsePerUserBox(stored.account.box);
    const seeds = stored.account.seeds.map(parsePreviousSeed);
    const chain = perUserKeysOnChain(follower.state, box.generation);
    const keys = await importPerUserKeys(primitives, deps.device, chain, box, seeds);
    const account = new Account(deps, stored, { feed, follower, keys });
    write = (links, note) => account.#shelve(links, note);
    return account;
  }

  get state(): ChainState {
    const { state } = this.#follower;
    if (state === null) throw new RangeError('an account of no links');
    return state;
  }

  get follower(): ChainFollower {
    return this.#follower;
  }

  /** All generations of the per-user key that this device has, the first first. */
  get perUserKeys(): readonly PerUserKey[] {
    return this.#keys;
  }

  /** The latest generation of the per-user key; undefined while this device has only older ones. */
  get perUserKey(): PerUserKey | undefined {
    const { generation } = this.state.perUserKey;
    return this.#keys.find((key) => key.generation === generation);
  }

  get row(): Pick<KeptRow, 'relay' | 'pending' | 'left' | 'ending' | 'moved' | 'applied'> {
    return this.#row;
  }

  /** What people know a device by; undefined where its facts are not here. */
  facts(id: DeviceId): FactsRow | undefined {
    return this.#facts.get(toHex(id));
  }

  /** All facts of devices that are here. */
  get allFacts(): readonly FactsRow[] {
    return [...this.#facts.values()];
  }

  /** Every name that a device of the account has, or had. */
  get names(): readonly string[] {
    const { active, revoked } = this.state;
    return [...active, ...revoked].map(({ id }) => this.facts(id)?.name).filter((name) => name !== undefined);
  }

  /** All links from the first, as the store has them. */
  links(): Promise<readonly SignedLink[]> {
    return this.#store.transact('read', ['links'], async (transaction) => linksOf(await transaction.all('links')));
  }

  /** Writes a change and then holds it. Throws as {@link Account.reserve}. */
  change(change: AccountChange): Promise<void> {
    return this.#change(change, {}, []);
  }

  /**
   * Notes, before it is done, that this device signs a link there (spec/account.md, "Pins"). Throws `FollowError`
   * `already-signed` and `not-the-end`; a `StoreError`, and {@link TakenElsewhereError} where another tab has written.
   */
  reserve(place: LinkPlace, endsAt: number | null = null): Promise<void> {
    return unwrapped(this.#follower.reserve(place, endsAt));
  }

  /** Keeps links that this device has made and no relay has, and a change with them. Throws as {@link Account.reserve}. */
  async keep(links: readonly SignedLink[], change: AccountChange): Promise<void> {
    await this.#alongWith(change, () => this.#follower.keep(links));
  }

  /** Keeps links that a relay has taken, and a change with them. Throws as {@link Account.reserve}. */
  async take(links: readonly SignedLink[], change: AccountChange): Promise<void> {
    await this.#alongWith(change, () => this.#follower.take(links));
  }

  async #alongWith(change: AccountChange, work: () => Promise<ChainState>): Promise<void> {
    this.#along = change;
    try {
      await unwrapped(work());
    } catch (error) {
      this.#along = {};
      throw error;
    }
    // The follower knew all of it already.
    if (this.#along === change) await this.change(change);
    this.#along = {};
  }

  async #shelve(links: readonly SignedLink[], note: Pick<AccountRow, 'pin' | 'signed'>): Promise<void> {
    const along = this.#along;
    this.#along = {};
    await this.#change(along, note, links);
  }

  async #change(
    { perUserKey, facts = [], ...row }: AccountChange,
    note: Partial<Pick<AccountRow, 'pin' | 'signed'>>,
    links: readonly SignedLink[],
  ): Promise<void> {
    const key = perUserKey && keyRow(perUserKey.box, perUserKey.seeds);
    await this.#save({ ...row, ...key, ...note }, { facts, links });
    if (perUserKey) this.#keys = perUserKey.keys;
    for (const each of facts) this.#facts.set(each.id, each);
  }

  async #save(
    change: Partial<KeptRow>,
    { links, facts }: { readonly links: readonly SignedLink[]; readonly facts: readonly FactsRow[] },
  ): Promise<void> {
    const saved = this.#last.then(async () => {
      const former = this.#row;
      const row = { ...former, ...change, revision: former.revision + 1 };
      const first = (this.#follower.state?.head.seqno ?? 0) + 1;
      await this.#store.transact('write', ACCOUNT_TABLES, async (transaction) => {
        const kept = await transaction.get('account', 'account');
        if (kept?.revision !== former.revision) throw new TakenElsewhereError('the account went on elsewhere');
        for (const link of linkRows(links, first)) await transaction.put('links', link);
        for (const each of facts) await transaction.put('facts', each);
        await transaction.put('account', row);
      });
      this.#row = row;
    });
    this.#last = saved.catch(() => undefined);
    await saved;
  }
}

/** What a follower says of a shelf that failed, as the store said it. */
export async function unwrapped<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const { cause } = error instanceof FollowError ? error : { cause: null };
    throw cause instanceof StoreError || cause instanceof TakenElsewhereError ? cause : error;
  }
}
