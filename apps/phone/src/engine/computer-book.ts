import type { Content } from '@palmkey/core/messages';
import { agreedProtocol } from '@palmkey/core/requests';
import type { HexId } from '../model/hex-id.ts';
import type { PairingRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { ClockSkews } from './clock-skews.ts';
import type { PermissionBook } from './permissions/permission-book.ts';
import type { PhoneState } from './phone-state.ts';
import type { Clock } from './ports.ts';
import type { Turns } from './turns.ts';

type Speaks = Extract<Content, { kind: 'speaks' }>;

interface ComputerBookDeps {
  readonly clock: Clock;
  readonly state: PhoneState;
  readonly store: Store;
  readonly turns: Turns;
  readonly permissions: PermissionBook;
}

/** What is known of the paired computers: their rows, as they are kept, what they speak, and how far off their clocks are. */
export class ComputerBook {
  readonly clocks: ClockSkews;
  readonly #deps: ComputerBookDeps;
  /** What computers said that they speak, until their `here`. */
  readonly #speaks = new Map<HexId, Speaks>();
  /** Computers that said what this app does not know. */
  readonly #ahead = new Set<HexId>();

  constructor(deps: ComputerBookDeps) {
    this.#deps = deps;
    this.clocks = new ClockSkews(() => deps.state.publish());
  }

  /** The version that this computer and the phone speak; null when there is none. */
  protocol(id: HexId): number | null {
    const agreed = agreedProtocol(this.#deps.state.pairings.get(id)?.speaks ?? null);
    return agreed.is === 'speaking' ? agreed.protocol : null;
  }

  /** Which of the two has to be updated; null where neither has. */
  update(id: HexId): 'computer' | 'phone' | null {
    const agreed = agreedProtocol(this.#deps.state.pairings.get(id)?.speaks ?? null);
    if (agreed.is === 'update-peer') return 'computer';
    return agreed.is === 'update-us' || this.#ahead.has(id) ? 'phone' : null;
  }

  /** It has said which versions it speaks; its `here` comes next. */
  spoke(id: HexId, speaks: Speaks): void {
    this.#speaks.set(id, speaks);
  }

  /** It has said `here`; whether that was a greeting: with versions, as one says that has connected, and no answer. */
  async here(id: HexId, hostName: string, software: string): Promise<boolean> {
    const lastSeenAt = this.#deps.clock.now();
    const said = this.#speaks.get(id);
    this.#speaks.delete(id);
    await this.change(id, (row) => {
      // One that says nothing is from before versions were said, unless the very same program has said it.
      const same = row.software === software ? row.speaks : null;
      const speaks = said === undefined ? same : { from: said.from, to: said.to };
      return { ...row, hostName, software, lastSeenAt, speaks };
    });
    return said !== undefined && said.answer !== true;
  }

  /** It said what this app does not know. */
  notUnderstood(id: HexId): void {
    this.#ahead.add(id);
    this.#deps.state.publish();
  }

  async put(row: PairingRow): Promise<void> {
    const { turns, state, store } = this.#deps;
    await turns.exclusively(async () => {
      await store.transact('write', ['pairings'], (transaction) => transaction.put('pairings', row));
      state.pairings.set(row.id, row);
    });
  }

  /** Changes what is kept of a pairing, if it still stands. */
  async change(id: HexId, change: (row: PairingRow) => PairingRow): Promise<void> {
    const { turns, state, store } = this.#deps;
    await turns.exclusively(async () => {
      const row = state.pairings.get(id);
      if (row === undefined) return;
      const changed = change(row);
      await store.transact('write', ['pairings'], (transaction) => transaction.put('pairings', changed));
      state.pairings.set(id, changed);
    });
    state.publish();
  }

  async rename(id: HexId, givenName: string): Promise<void> {
    await this.change(id, (row) => ({ ...row, givenName }));
  }

  /** Its permissions are over before this returns a promise; `within` is done in the turn in which the pairing ends. */
  async forget(id: HexId, within: () => Promise<void>): Promise<void> {
    const { turns, state, store, permissions } = this.#deps;
    const ids = permissions.ids(({ computer }) => computer === id);
    permissions.drop(ids);
    await turns.exclusively(async () => {
      if (!state.pairings.has(id)) return;
      await store.transact('write', ['pairings', 'permissions'], async (transaction) => {
        await transaction.delete('pairings', id);
        await permissions.revoke(transaction, ids);
      });
      state.pairings.delete(id);
      this.clocks.inTime(id);
      await within();
    });
  }
}
