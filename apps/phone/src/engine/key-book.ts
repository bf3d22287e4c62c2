import { parseDeviceName } from '@palmkey/core/devices';
import { equal } from '@palmkey/envelope';
import type { UserKeyRow } from '../keyring/user-key.ts';
import { UserKey, makeUserKey } from '../keyring/user-key.ts';
import type { HexId } from '../model/hex-id.ts';
import type { KeyType } from '../model/model.ts';
import type { Store } from '../store/store.ts';
import type { PermissionBook } from './permissions/permission-book.ts';
import type { PhoneState } from './phone-state.ts';
import type { Clock } from './ports.ts';
import { TooManyKeysError } from './session-errors.ts';
import type { Turns } from './turns.ts';

/** As many user keys as one `here` carries (spec/requests.md). */
const MAX_KEYS = 64;

/** What the keys are kept with. */
export interface KeyBookDeps {
  readonly clock: Clock;
  readonly state: PhoneState;
  readonly store: Store;
  readonly turns: Turns;
  readonly permissions: PermissionBook;
  /** Whether new keys are made for a passphrase to lock. */
  readonly isLocking: () => boolean;
  /** A key was taken away: what waits for it is refused. */
  readonly onRemoved: (key: UserKey) => Promise<void>;
  /** The keys are others, or are called otherwise: computers are told. */
  readonly onChange: () => Promise<void>;
}

/** The user keys of this phone: made, named and taken away. Names that are none throw a DeviceNameError. */
export class KeyBook {
  readonly #deps: KeyBookDeps;

  constructor(deps: KeyBookDeps) {
    this.#deps = deps;
  }

  /** Throws {@link TooManyKeysError} beyond what a greeting can carry. */
  async add(name: string, type: KeyType = 'ssh-ed25519'): Promise<void> {
    const { clock, state, store, turns, isLocking, onChange } = this.#deps;
    this.#checkRoom();
    // Before its turn: a long key takes seconds to be made.
    const made = await makeUserKey(parseDeviceName(name), clock.now(), type, isLocking());
    await turns.exclusively(async () => {
      this.#checkRoom();
      // Keys keep their order by this time.
      const newest = state.keys.at(-1)?.createdAt ?? 0;
      const row: UserKeyRow = { ...made, createdAt: Math.max(made.createdAt, newest + 1) };
      await store.transact('write', ['keys'], (transaction) => transaction.put('keys', row));
      state.keys = [...state.keys, new UserKey(row)];
    });
    await onChange();
  }

  async rename(id: HexId, name: string): Promise<void> {
    const { state, store, turns, onChange } = this.#deps;
    const newName = parseDeviceName(name);
    await turns.exclusively(async () => {
      const renamed = await store.transact('write', ['keys'], async (transaction) => {
        const row = await transaction.get('keys', id);
        if (row === undefined) return null;
        const changed: UserKeyRow = { ...row, name: newName };
        await transaction.put('keys', changed);
        return changed;
      });
      if (renamed !== null) state.keys = state.keys.map((key) => (key.id === id ? new UserKey(renamed) : key));
    });
    await onChange();
  }

  /** Takes a key away for good, with its permissions; nothing is signed with it from before this returns a promise. */
  async remove(id: HexId): Promise<void> {
    const { state, store, turns, permissions, onRemoved, onChange } = this.#deps;
    const key = state.keys.find((each) => each.id === id);
    if (key === undefined) return;
    const its = permissions.ids((row) => row.key !== null && equal(row.key, key.blob));
    state.keys = state.keys.filter((each) => each !== key);
    permissions.drop(its);
    await turns.exclusively(() =>
      store.transact('write', ['keys', 'permissions'], async (transaction) => {
        await transaction.delete('keys', id);
        await permissions.revoke(transaction, its);
      }),
    );
    await onRemoved(key);
    await onChange();
  }

  #checkRoom(): void {
    if (this.#deps.state.keys.length >= MAX_KEYS) throw new TooManyKeysError('too many keys');
  }
}
