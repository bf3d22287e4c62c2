import { type ChainState, decodeLinks, type Head, type SignedLink } from '@palmkey/chain';
import type { PerUserBox, PerUserKey, PreviousSeed } from '@palmkey/core/account';
import type { Primitives } from '@palmkey/core/crypto';
import type { DeviceKeys } from '@palmkey/core/devices';
import { type DeviceId, PalmkeyError, toHex } from '@palmkey/envelope';
import type { HexId } from '../../model/hex-id.ts';
import type { AccountRow, FactsRow, PendingLinksRow } from '../../store/schema.ts';
import type { Store, Transaction } from '../../store/store.ts';
import { TakenElsewhereError } from '../replay-store.ts';
import {
  ACCOUNT_TABLES,
  factsRow,
  headRow,
  keyRow,
  linkRows,
  openAccount,
  type OpenedAccount,
  putLinks,
  type StoredAccount,
} from './account-rows.ts';
import type { BegunAccount } from './begin-account.ts';

/** This device has signed another link at that place, which may still come to the chain. */
export class AlreadySignedError extends PalmkeyError {
  override readonly name = 'AlreadySignedError';
  readonly code = 'already-signed';
}

/** What a change of the account brings, to be written as one. */
export interface AccountChange {
  /** Behind the links that are kept. */
  readonly links?: readonly SignedLink[];
  readonly state?: ChainState;
  readonly relay?: string;
  readonly pending?: PendingLinksRow | null;
  readonly signed?: number;
  readonly perUserKey?: {
    readonly keys: readonly PerUserKey[];
    readonly box: PerUserBox;
    readonly seeds: readonly PreviousSeed[];
  };
  readonly facts?: readonly FactsRow[];
}

/** What this device knows of its account: in memory what the store holds, and never ahead of it. */
export class Account {
  readonly #store: Store;
  #row: AccountRow;
  #opened: OpenedAccount;
  readonly #facts: Map<HexId, FactsRow>;

  private constructor(store: Store, row: AccountRow, opened: OpenedAccount, facts: readonly FactsRow[]) {
    this.#store = store;
    this.#row = row;
    this.#opened = opened;
    this.#facts = new Map(facts.map((each) => [each.id, each]));
  }

  /** Takes up what the store holds. Throws as `openAccount` does. */
  static async open(
    primitives: Primitives,
    device: DeviceKeys,
    store: Store,
    { account, links, facts }: StoredAccount,
  ): Promise<Account> {
    const opened = await openAccount(primitives, device, { account, links, facts });
    return new Account(store, account, opened, facts);
  }

  /** Writes an account that was just begun, as part of a write transaction over {@link ACCOUNT_TABLES}. */
  static async put(transaction: Transaction, begun: BegunAccount, self: DeviceId): Promise<StoredAccount> {
    const { state, links, facts, box } = begun;
    const own = factsRow(self, facts, false);
    const account: AccountRow = {
      id: 'account',
      account: toHex(state.account),
      pin: headRow(state.head),
      signed: state.head.seqno,
      pending: null,
      relay: null,
      ...keyRow(box, []),
    };
    await putLinks(transaction, links, 1);
    await transaction.put('facts', own);
    await transaction.put('account', account);
    return { account, links: linkRows(links, 1), facts: [own] };
  }

  get state(): ChainState {
    return this.#opened.state;
  }

  get links(): readonly SignedLink[] {
    return this.#opened.links;
  }

  /** All generations of the per-user key that this device has, the first first. */
  get perUserKeys(): readonly PerUserKey[] {
    return this.#opened.perUserKeys;
  }

  /** The origin of the relay that keeps the chain; null: none yet. */
  get relay(): string | null {
    return this.#row.relay;
  }

  get pending(): PendingLinksRow | null {
    return this.#row.pending;
  }

  /** The head that this device has seen. */
  get head(): Head {
    return this.state.head;
  }

  /** What people know a device by; undefined where its facts are not here. */
  facts(id: DeviceId): FactsRow | undefined {
    return this.#facts.get(toHex(id));
  }

  /** Every name that a device of the account has, or had. */
  get names(): readonly string[] {
    return [...this.#facts.values()].map(({ name }) => name);
  }

  /** The facts that the other members do not have yet. */
  get unshared(): readonly FactsRow[] {
    return [...this.#facts.values()].filter(({ shared }) => !shared);
  }

  /**
   * Writes a change and then holds it. The pin and the links of one change are one transaction, with what `beside` writes
   * into `tables`. Throws {@link TakenElsewhereError} where another tab has written since this one read the store.
   */
  async change(
    change: AccountChange,
    beside: {
      readonly tables: Parameters<Store['transact']>[1];
      write(transaction: Transaction): Promise<void>;
    } = NOTHING,
  ): Promise<void> {
    const { links = [], state = this.state, perUserKey, facts = [] } = change;
    const row: AccountRow = {
      ...this.#row,
      pin: headRow(state.head),
      ...(change.relay !== undefined && { relay: change.relay }),
      ...(change.pending !== undefined && { pending: change.pending }),
      ...(change.signed !== undefined && { signed: change.signed }),
      ...(perUserKey !== undefined && keyRow(perUserKey.box, perUserKey.seeds)),
    };
    const first = this.links.length + 1;
    const before = this.#row;
    await this.#store.transact('write', [...ACCOUNT_TABLES, ...beside.tables], async (transaction) => {
      const kept = await transaction.get('account', 'account');
      if (kept?.pin.seqno !== before.pin.seqno || kept.signed !== before.signed)
        throw new TakenElsewhereError('the account went on elsewhere');
      await putLinks(transaction, links, first);
      for (const each of facts) await transaction.put('facts', each);
      await transaction.put('account', row);
      await beside.write(transaction);
    });
    this.#row = row;
    for (const each of facts) this.#facts.set(each.id, each);
    this.#opened = {
      state,
      links: [...this.links, ...links],
      perUserKeys: perUserKey?.keys ?? this.perUserKeys,
    };
  }

  /**
   * Notes, before it is done, that this device signs links up to a seqno; throws {@link AlreadySignedError} where it has
   * signed one that the chain does not reach yet (spec/account.md, "Pins").
   */
  async reserve(seqno: number): Promise<void> {
    if (this.#row.signed > this.head.seqno) throw new AlreadySignedError('signed already');
    await this.change({ signed: seqno });
  }

  /** The links of what was signed and not confirmed. */
  get pendingLinks(): readonly SignedLink[] {
    const { pending } = this;
    return pending === null ? [] : decodeLinks(pending.links, (pending.prev?.seqno ?? 0) + 1);
  }
}

const NOTHING = { tables: [], write: () => Promise.resolve() } as const;
